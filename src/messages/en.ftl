# Everything that people read, in English. Codes and JSON keys are never translated.
# A message may have a .hint: the way out.

## Help

help-usage = Usage:
help-commands = Commands
help-options = Options
help-group-begin = Begin:
help-group-ask = Ask:
help-group-field = The field:
help-group-record = Record:
help-group-check = Check:
help-group-program = The program itself:
help-after =
    Every question takes --as-of DATE (what held on a day; `flows` takes --from and --until instead)
    and --known-at INSTANT|POSITION (what was known by then). `rollbook COMMAND --help` explains a
    command, `rollbook help exit-codes` the exit codes.
help-exit-codes = Exit codes:
help-choices = { $help }: { $choices }

exit-ok = all is well; also when an import's report lists refused facts
exit-failed = something outside the program failed
exit-usage = the request, or a file that it names, cannot be read as what it should be
exit-tampering = what is stored is not what was written
exit-incomplete = the verification could not be finished
exit-refused = a rule says no
exit-conflict = it contradicts what is there already
exit-not_found = there is no such thing in the ledger
exit-not_permitted = it may not be done here, for instance in a read-only place
exit-no_ledger = there is no ledger at that place
exit-another_writer = another process is writing to this ledger
exit-wrong_key = the key is missing, or does not open the vault
exit-interrupted = interrupted; what was acknowledged is kept

command-rollbook =
    Rollbook keeps the record of who belonged where, since when, and who knew it when.
command-demo = An invented city with two years of history, and what can be asked of it
command-init = Found a ledger, with its vault and key
command-import = Take over the records of another register
command-import-facts = Import a file of dated facts, one JSON object a line, gzipped or not
command-headcount = How many members has each branch?
command-totals = How large is the whole body?
command-roster = Who belongs to which branch, and in which role?
command-tree = Which branch is under which?
command-coverage = How well is the field covered?
command-gaps = Where does coverage fall short of what the rules expect?
command-responsible = Who is responsible for a host, and by which line?
command-lifespans = How long do branches live?
command-flows = Who came, moved and went in a period?
command-timeline = What happened to one member, branch or host?
command-log = Every event, in the order in which it was recorded
command-status = What state is the ledger in?
command-verify = Is everything as it was written?
command-rebuild = Build the tables of projections anew while the old ones serve, compare, and swap
command-do = Execute a command by its name, with key=value for each field
command-help = Explain a command, or a topic: exit-codes
command-completions = Print what a shell needs to complete command lines
command-config = Look at the settings
command-config-show = The settings in force, and where each comes from
command-man = The manual: one page, or one for each command in a directory
command-admit-member = Admit a person to a branch
command-accept-relation = Accept a proposed relation: it holds from then on
command-attach-hosts = Attach hosts to a branch, which covers them from then on
command-change-host = Change some of what a host is, from a day on
command-close-host = Close a host, with its employments and relations
command-define-area = Define an area in which hosts may lie
command-detach-hosts = Detach hosts from a branch; its members stay
command-employ-member = Record that a person works at a host, or in another post there
command-end-employment = Record that a person works at a host no longer
command-end-relation = End a relation, or turn its proposal down
command-propose-relation = Propose a relation between two bodies
command-register-host = Register a host: an enterprise or unit where members work
command-adopt-policy = Adopt a set of rules
command-dissolve-branch = Dissolve a branch
command-end-membership = End a membership
command-form-branch = Form a branch, under another one or at the top level
command-hand-over-post = Hand a post over from one person to another
command-leave-post = Take a person out of a post
command-move-branch = Move a branch under another one, or to the top level
command-register-person = Register a person; what is personal goes to the vault
command-rename-branch = Give a branch another name
command-take-post = Put a person into a post at a branch
command-transfer-member = Transfer a member to another branch, both sides at once

option-help = Show this help
option-version = Show the version
option-ledger = The ledger: sqlite:PATH or postgres://USER@HOST/DATABASE. Default: ROLLBOOK_LEDGER, else sqlite:rollbook.db
option-key = The key file of the vault. Default: ROLLBOOK_KEY, else beside the ledger
option-vault =
    The vault file. Default: ROLLBOOK_VAULT, else beside the ledger; for a database, here under its name
option-lang = The language, en or zh. Default: ROLLBOOK_LANG, else the locale's, else en
option-config =
    The file of settings: ledger, key, vault, lang and log, in TOML.
    Default: ROLLBOOK_CONFIG, else ~/.config/rollbook/config.toml
option-origin = Show where each setting comes from
option-shell = The shell: bash, elvish, fish, powershell or zsh
option-directory = The directory into which the pages are written; without it one is printed
option-json = Answer with one JSON value
option-ndjson = Answer with one JSON value a line
option-quiet = Leave out remarks
option-no-input = Never ask anything (Rollbook asks nothing today)
option-preset = The first set of rules: association (default), party or union
option-zone = The time zone in which dates are meant, like Europe/Zurich. Default: the machine's
option-file = The file
option-source = The name under which the file's handles and lines are kept. Default: main
option-dry-run = Show what would be recorded, and record nothing
option-all = Show every row of the report
option-scale = How many such cities side by side, for measurements. Default: 1
option-branch = One branch, by code or id
option-by = Only this dimension: kind, ownership, size_band, area, responsible, line, mode or age_band
option-list = The list behind a number: hosts, not_public, organised, standalone, joint, online,
    work_covered, branches or members
option-value = Of that dimension only this value, as --json shows it
option-kind = Only gaps of this kind, as --json shows it
option-nobody = Only hosts that nobody is responsible for
option-host = One host, by code or id
option-person = One person, by id, or by handle (then with --purpose)
option-as-of = The day that is asked about, like 2024-05-01. Default: today in the ledger's zone
option-known-at = What was known then: an instant like 2024-05-01T12:00:00Z, or a position
option-day-rule = Which moments of a day count: end-of-day (default) or any-moment
option-of = What a life is the life of: branch (default), or name: then a new name begins a new life
option-branch-kind = Only branches of one kind, by its code
option-from = The first day of the period, like 2024-01-01
option-until = The first day after the period, like 2025-01-01
option-period = How the period is cut: none (default), month, quarter or year
option-by-branch = What is told one by one: branch; with the matrix of moves from branch to branch
option-names = Show names or handles of people, out of the vault; needs --purpose
option-purpose = What names are read for; it is recorded with the read, and names no person
option-after = Begin after this position
option-limit = Show at most this many events. Default: 50
option-command = The command
option-fields = A field and its value
option-effective = The day from which it holds. Default: today in the ledger's zone
option-authority = The paper that it rests on, by its number
option-approver = The second person, by id or by handle, where the rules need one
option-because = Why a fact is dated far back, as a code: late_paper, correction …
option-idempotency-key = A key of your own: the same command with the same key is recorded once
option-projection = The projection, like memberships. Default: all of them
option-back = Let the table serve again that served before the last rebuild
option-replace = Swap even where the table that serves holds something else
option-topic = A command, or exit-codes

field-birth_year = The year of birth; goes to the vault; the record keeps five years around it
field-branch = The branch, by code or id
field-area = The code of its area, defined before
field-host = The host, by code or id
field-hosts = The hosts, by code or id, separated by commas
field-key_posts = The codes of the posts that a member should hold, separated by commas
field-mode = How the branch is formed over its hosts
field-ownership = The code of who owns it, as the rules list them
field-post = The code of the post, where it is one that counts
field-rank = Whether it is the branch that counts for the hosts. Default: primary
field-relation = What the first body is to the second
field-staff = How many people work there
field-code = The code that people will use for it; never used again
field-effective = The day from which it holds. Default: today in the ledger's zone
field-email = The mail address; goes to the vault
field-formed_from = The branches that it is merged or split from, separated by commas
field-from = The branch so far, by code or id
field-handle = The number or handle by which the person is known; goes to the vault
field-into = The branches that take over, separated by commas
field-kind = The code of its kind. Default: as the rules say
field-name = The name
field-parent = The branch above it, by code or id; none at the top level
field-person = The person, by id or by handle
field-phone = The telephone number; goes to the vault
field-preset = The set of rules: association, party or union
field-reason = The reason
field-holder = Who holds the post so far
field-successor = Who holds it from then on
field-role = The code of the post, like chair
field-title = A title for people, beside the name
field-to = The branch from then on, by code or id

## The line above every answer

place = Valid on { $valid_on } · known at position { $known_at } · { $day_rule }
place-scheduled = Scheduled for { $valid_on } · known at position { $known_at } · { $day_rule }
place-period = From { $from } until { $until }, not included · known at position { $known_at }
place-period-scheduled =
    Scheduled from { $from } until { $until }, not included · known at position { $known_at }
day-rule-end_of_day = what held when the day ended
day-rule-any_moment = what held at any moment of the day

## Answers

head-branch = Branch
head-name = Name
head-kind = Kind
head-members = Members
head-what = What
head-number = Number
head-meaning = Meaning
head-value = Value
head-role = Role
head-since = Since
head-person = Person
head-member = Member
head-effective = Effective
head-event = Event
head-paper = Paper
head-share = Share
head-by = By
head-staff = Staff
head-instance = For instance
head-quarter = Quarter
head-gap = What is missing
head-answers-by = Line
head-body = Body
head-code = Code
head-actor = Recorded by
head-position = Position
head-recorded = Recorded
head-source = Source
head-formed = Formed
head-dissolved = Dissolved
head-days = Days
head-at-risk = At risk
head-ended = Ended
head-survival = Survival
head-from = From
head-until = Until
head-before = Before
head-joined = Joined
head-left = Left
head-moved = Moved
head-moved-in = Moved in
head-moved-out = Moved out
head-after = After
head-out-of = Out of
head-into = Into
head-line = Line
head-outcome = Outcome
head-reason = Reason
head-finding = Finding
head-detail = Detail
head-setting = Setting
head-origin = Comes from

definition-coverage = Each host counts once in each dimension; shares are of the hosts. The list behind a number: --list MEASURE [--by DIMENSION --value VALUE]
definition-gaps = { $gaps } gaps; the numbers expected are those of the rules in force on that day.
definition-responsible = The nearest line first: supervision, association, guidance, fallback. A host without a line has nobody.
definition-headcount =
    Members: memberships that are at home at the branch itself. Branches without members count 0;
    branches under it count for themselves.
definition-roster =
    A post held has a row of its own in place of the row “member”. Since: at home there, or in the post.
definition-tree = Indented under the branch above it; neighbours by code.
definition-lifespans =
    Days: from the day of formation to that of dissolution; 0 where both are the same day. What is open
    on the day that is asked about is censored there: it lives at least that long.
definition-lifespans-of-names = Here a new name ends one life and begins the next.
definition-survival =
    Survival (Kaplan–Meier): the product, over every length up to this one, of (at risk − ended) / at
    risk; at risk: the lives of at least that length. Lengths at which none ended are left out here.
definition-flows =
    Before and after: members when the day before the period and its last day ended. Joined, left: from
    and to outside the body. Moved: from branch to branch, neither a leave nor a join. Each counts on
    the day from which it holds: who joined and left on one day did both.
definition-timeline = By the day from which each event holds; `rollbook log` shows when it was recorded.

total-branches = Branches
total-branches-meaning = branches that exist, of every kind
total-members = Members
total-members-meaning = persons with at least one membership, each counted once
total-memberships = Memberships
total-memberships-meaning = memberships; a person may have several where the rules say so
total-posts = Posts
total-posts-meaning = posts held; a post with two holders counts twice

empty-hosts = No host operates on that day, as far as was known then. Register one: rollbook register-host
empty-list = Nothing is counted there on that day.
empty-gaps = No gap: everything is as the rules expect, as far as is recorded.
empty-branches = There was no branch then, as far as was known.
empty-branches-ever = No branch had been formed by then, as far as was known.
empty-kind = No branch of the kind { $kind } had been formed by then, as far as was known.
empty-flows = Nobody joined, moved or left in that time, as far as was known.
empty-roster = Nobody belonged there then, as far as was known.
empty-timeline = Nothing had happened by then, as far as was known.
empty-log = There are no such events.
log-more = There are more: --after { $position }

life-open = open
lifespans-sum =
    { $lives } { $lives ->
        [one] life
       *[other] lives
    }: { $ended } ended, { $censored } open on { $day } and censored there.
lifespans-median = Median, by that estimate: { $days } { $days ->
        [one] day
       *[other] days
    }.
lifespans-no-median = No median yet: by that estimate more than half outlast every one that ended.
flow-outside = (outside)

person-erased = (erased)
person-unknown = (not in the vault)
nothing = (nothing)
top-level = the top level

origin-flag = the flag { $name }
origin-variable = the variable { $name }
origin-file = the file { $path }
origin-default = the default
separator = { ", " }

## The manual

man-name = NAME
man-synopsis = SYNOPSIS
man-description = DESCRIPTION
man-version = VERSION
man-exit-status = EXIT STATUS

## Events, as nouns and as sentences

told-LedgerOpened = the ledger was opened, in zone { $zone }, with the preset { $preset }
told-AreaDefined = the area { $area } was defined, “{ $name }”
told-PolicyAdopted = the rules “{ $rules }” were adopted
told-PersonRegistered = person { $person } was registered
told-BirthBandRecorded = { $person } was born between { $from } and { $to }
told-MembershipAdmitted = { $again ->
        [yes] { $person } joined { $branch } again
       *[no] { $person } joined { $branch }
    }
told-HomeMoved = { $person } moved from { $from } to { $to }
told-MembershipEnded = { $why ->
        [left] { $person } left { $branch }
       *[other] { $person } left { $branch }: { $reason }
    }
told-PostTaken = { $person } took the post { $role } at { $branch }
told-PostLeft = { $why ->
        [left] { $person } left the post { $role } at { $branch }
       *[other] { $person } left the post { $role } at { $branch }: { $reason }
    }
told-BranchFormed = { $origins ->
        [none] { $branch } was formed as “{ $name }”, under { $parent }
       *[other] { $branch } was formed as “{ $name }”, under { $parent }, from { $origins }
    }
told-BranchRenamed = { $branch } was renamed “{ $name }”
told-HostAttached = { $branch } covers the host { $host } from then on: { $mode }
told-HostDetached = { $branch } covers the host { $host } no longer
told-HostRegistered = the host { $host }, “{ $name }”, was registered: { $kind }, { $ownership }, { $staff } staff
told-HostChanged = the host { $host } changed: { $changes }
told-HostClosed = the host { $host } was closed
told-PersonEmployed = { $post ->
        [none] { $person } works at { $host } from then on
       *[other] { $person } works at { $host } as { $post } from then on
    }
told-EmploymentEnded = { $person } works at { $host } no longer
told-RelationProposed = it was proposed that { $from } { $relation } { $to }
told-RelationAccepted = it was accepted that { $from } { $relation } { $to }
told-RelationEnded = it ended that { $from } { $relation } { $to }
told-BranchMoved = { $branch } came from { $from } under { $to }
told-BranchDissolved = { $into ->
        [none] { $branch } was dissolved
       *[other] { $branch } was dissolved into { $into }
    }

reason-left = left
reason-died = died
reason-expelled = expelled
reason-removed = removed
reason-branch_dissolved = the branch was dissolved
reason-home_ended = no longer a member there

measure-hosts = Hosts
measure-hosts-meaning = enterprises and units that operate on that day
measure-not_public = Not public
measure-not_public-meaning = hosts whose owner is not public
measure-organised = Organised
measure-organised-meaning = hosts for which a branch is formed: alone, jointly or online
measure-standalone = Alone
measure-standalone-meaning = organised hosts with a branch of their own
measure-joint = Jointly
measure-joint-meaning = organised hosts that share a branch
measure-online = Online
measure-online-meaning = organised hosts with an online branch
measure-work_covered = Work covered
measure-work_covered-meaning = hosts that are organised, or that a body answers for
measure-staff = Staff
measure-staff-meaning = people who work at the hosts
measure-members = Members
measure-members-meaning = persons with a membership, each counted once
measure-branches = Branches
measure-branches-meaning = live branches of kinds that count; the share is per 100 hosts

dimension-kind = Kind
dimension-ownership = Ownership
dimension-size_band = Staff
dimension-area = Area
dimension-responsible = Responsible
dimension-line = Line
dimension-mode = Formation
dimension-age_band = Age

line-supervised_by = supervision
line-member_of_association = association
line-guided_by = guidance
line-fallback_responsible_for = fallback

gap-members_without_branch = { $found } members work there (from { $expected } on: a branch) and no branch is formed for it
gap-staff_without_member = { $found } staff (from { $expected } on: a member) and no member among them
gap-nobody_responsible = nobody is responsible for it
gap-key_post_without_member = the key post { $post } is held by no member
gap-under_strength = { $found } members, where the rules expect { $expected } at least
gap-over_size = { $found } members, where the rules expect { $expected } at most
gap-joint_with_one_host = a joint branch with { $found } host left
gap-hosts_gone = none of its hosts operates any more

mode-standalone = alone
mode-joint_by_industry = jointly, by industry
mode-led_by_firm = jointly, led by a firm
mode-by_region = jointly, by region
mode-online = online

relation-supervised_by = is supervised by
relation-guided_by = is guided by
relation-hosted_by = is hosted by
relation-jointly_built_with = is built jointly with
relation-led_by = follows the lead of
relation-fallback_responsible_for = answers as a fallback for
relation-member_of_association = is a member of the association

## Recording

init-done =
    Founded ledger { $ledger } with the rules “{ $preset }”, dates in { $zone }.
      ledger  { $path }
      vault   { $vault }
init-key =
    warning: the key { $key } opens the vault that lies beside it.
    Move it somewhere safer and name it with --key or ROLLBOOK_KEY. Without it no name can be read again.
init-next = Next: { $program } form-branch --help, or { $program } import facts FILE
recorded = Recorded, effective { $effective } (key { $key }):
recorded-nothing = Nothing to record: it is so already, effective { $effective }.
recorded-before = Recorded before with the key { $key }, effective { $effective }:
recorded-event = { "  " }position { $position }  { $event }  [{ $stream }, version { $version }]
recorded-note = { "  " }note: { $note }
preview = This would be recorded, effective { $effective }; nothing was:
preview-nothing = Nothing would be recorded: it is so already, effective { $effective }.
preview-event = { "  " }{ $event }  [{ $stream }]

note-held_until_formation =
    { $branch } was formed on { $formed }; what is dated before takes effect on that day
note-organisation_never_formed = { $branch } was never formed; the fact waits for it
note-change_of_mode_due = { $branch } has one host left: how it is formed has to change
note-former_name_differs = the file says it was called { $stated }, the record says { $recorded }
note-former_parent_differs = the file says it was under { $stated }, the record says { $recorded }
note-ended_what_was_left =
    { $also ->
        [one] one more event ended what was left at { $branch }
       *[other] { $also } more events ended what was left at { $branch }
    }
note-relative_unknown = { $branch }, named as predecessor or successor, is not known; it was left out

## Importing

progress-check = Checking { $file }
progress-apply = Recording
progress-verify = Verifying
progress-rebuild-fold = Folding
progress-rebuild-compare = Comparing { $name }
progress-rebuild-stage = Putting { $name } in place
report = Imported { $lines } { $lines ->
        [one] line
       *[other] lines
    } as source “{ $source }”: { $applied } facts gave { $events } events, up to position { $position }.
report-preview = Checked { $lines } { $lines ->
        [one] line
       *[other] lines
    } as source “{ $source }”, recorded nothing: { $applied } facts would give { $events } events.
report-before = { "  " }{ $lines_before } of the lines were applied before.
report-already_so = { "  " }{ $count } already so
report-refused = { "  " }{ $count } refused by a rule
report-held = { "  " }{ $count } held until the branch was formed, or still held
report-noted = { "  " }{ $count } recorded with a remark
report-more = … and { $count } more; --all shows them.
outcome-refused = refused
outcome-held = held
outcome-noted = noted

## Status and verification

status-ledger = Ledger
status-zone = Time zone
status-rules = Rules in force
status-events = Events
status-recorded = Last recorded
status-lag = Projections
status-lag-value = { $lag ->
        [0] up to date
       *[other] { $lag } events behind
    }
status-import = Imported
status-import-value = { $lines } lines of source “{ $source }”
status-vault = Vault
status-vault-yes = beside the ledger
status-vault-no = none
status-bytes = { $bytes } bytes

verify-sound = Sound: { $events } events and { $projections } projections are as they were written.
verify-findings = NOT SOUND: { $findings } { $findings ->
        [one] finding
       *[other] findings
    } in { $events } events and { $projections } projections.
verify-root = { "  " }tree over all events    { $root }
verify-projection = { "  " }{ $name } up to { $position }, { $rows } rows    { $digest }
verify-skipped = { "  " }{ $name } was not checked: it is of another version and is built anew at the next write
verify-hint = Stop writing to this ledger, keep the files as they are, and compare with a backup.
rebuild-same = { "  " }{ $name } up to { $position }, { $rows } rows, { $seconds } s: what served is the same    { $digest }
rebuild-other = { "  " }{ $name } up to { $position }, { $rows } rows, { $seconds } s: WHAT SERVED IS ANOTHER    { $digest }
rebuild-nothing = { "  " }{ $name } up to { $position }, { $rows } rows, { $seconds } s: nothing to compare with    { $digest }
rebuild-swapped = { $swapped } of { $projections } projections swapped after { $seconds } s. To go back: rollbook rebuild --back
rebuild-stays = Where what served is another, it still serves: its rows are not those of the events.
    .hint = Keep a copy of the file and look into it; then repair it with: rollbook rebuild --replace
finding-bytes = the bytes are not those that were recorded
finding-column = a column differs from the bytes beside it
finding-engine = the database file is damaged
finding-frontier = the tree's edge is not that of the events
finding-guards = the guards are not those of the events
finding-head = the ledger's head is not its last event
finding-imports = an import is not as far as its events
finding-opened = a ledger is opened by its first event, and only by it
finding-position = positions are not dense
finding-projection = a projection differs from its replay
finding-receipts = a receipt is not that of its events
finding-recorded_at = recorded times run backwards
finding-sequence = a stream's versions are not dense
finding-unreadable = no event can be read

## Refusals: one sentence, and the way out

refused-already_dissolved = { $branch } was dissolved on { $dissolved } already.
    .hint = Another day, reason or successor would need a correction.
refused-already_closed = { $host } was closed on { $closed } already.
refused-already_related = { $from } and { $to } are so related, or were proposed to be, since { $since }.
    .hint = End that relation first: rollbook end-relation
refused-area_taken = The code { $area } is that of the area “{ $name }”.
    .hint = Codes are never used again: choose another one.
refused-area_unknown = There is no area { $area } on that day.
    .hint = Define it first: rollbook define-area
refused-already_holds = { $person } holds the post { $role } there since { $since } already.
refused-already_member = { $person } is a member of { $branch } since { $since } already.
    .hint = End that membership first, or transfer it.
refused-backdated_beyond_limit =
    { $effective } is more than { $days_max } { $days_max ->
        [one] day
       *[other] days
    } ago; that needs a second person.
    .hint = Name the second person with --approver, and the reason with --because.
refused-before_formation = { $branch } was formed on { $formed } only.
    .hint = Choose an effective date on or after that day.
refused-before_proposal = That { $from } and { $to } be so related was proposed on { $proposed } only.
    .hint = Choose an effective date on or after that day.
refused-branch_dissolved = { $branch } is dissolved from { $dissolved } on.
    .hint = Choose a branch that is there on that day: rollbook tree --as-of DATE
refused-branch_unknown = There is no branch { $branch }.
    .hint = rollbook tree lists the branches.
refused-children_left = { $branch } still has { $children } { $children ->
        [one] branch
       *[other] branches
    } under it.
    .hint = Move them elsewhere or dissolve them first.
refused-date_out_of_range = { $effective } is not between the years 1 and 9999.
refused-code_taken = The code { $code } belongs to a branch that was formed on { $formed }.
    .hint = Codes are never used again: choose another one, like { $code }#2.
refused-cycle = { $branch } cannot come under { $parent }: from { $day } on it would be under itself.
    .hint = Move { $parent } elsewhere first.
refused-covered_by_another = { $other } is the branch that counts for { $host }, since { $since }.
    .hint = Detach the host there first, or attach it with --rank secondary.
refused-default_kind_unknown = The rules name { $kind } as the default kind, and have no such kind.
    .hint = Add the kind to the rules, or name another default.
refused-ends_unfit = No relation { $relation } is possible between these two.
    .hint = `rollbook propose-relation --help` says which body may be what to which.
refused-held_by_another = The post { $role } at { $branch } is held by another since { $since }.
    .hint = Take the holder out of it first: rollbook leave-post
refused-host_closed = { $host } is closed from { $closed } on.
    .hint = A host that opens again is registered as another one.
refused-host_code_taken = The code { $code } belongs to a host that was registered on { $registered }.
    .hint = Codes are never used again: choose another one. To change that host: rollbook change-host
refused-host_kind_unknown = The rules have no kind of host { $kind }.
    .hint = rollbook status names the rules in force; their host kinds stand in the preset.
refused-host_not_yet = { $host } was registered on { $registered } only.
    .hint = Choose an effective date on or after that day.
refused-host_unknown = There is no host { $host }.
    .hint = rollbook coverage --list hosts lists the hosts.
refused-joint_needs_two = { $branch } would be a joint branch over { $hosts ->
        [0] no host
        [one] one host
       *[other] { $hosts } hosts
    }; it takes two.
    .hint = Name the other hosts too, or choose --mode standalone.
refused-kind_may_not_admit = { $branch } is a { $kind }: such branches admit nobody.
    .hint = Admit the person to another branch, then transfer.
refused-kind_not_home = { $branch } is a { $kind }: such branches hold no memberships.
    .hint = Choose a branch of another kind.
refused-kind_unknown = The rules have no kind { $kind }.
    .hint = Leave the kind out for the default, or use one of the rules' kinds.
refused-later_change = A change that is recorded for { $later } would contradict this one.
    .hint = Choose a day after { $later }.
refused-later_membership =
    { $person } is recorded as a member of { $branch } from { $from } on, which would overlap.
    .hint = Choose a day after that membership, or transfer instead.
refused-later_policy = The rules “{ $rules }” are adopted from { $from } on already.
    .hint = Choose a day after { $from }.
refused-member_never_seen = The member named on this line never joined { $branch }, nor any other branch.
    .hint = Look at the line: the member may go by another handle there.
refused-members_left = { $branch } still has { $members } { $members ->
        [one] member
       *[other] members
    }.
    .hint = Transfer them to another branch or end their memberships first.
refused-nothing_to_change = Nothing is named that should change.
    .hint = Name at least one: --name, --kind, --ownership, --staff, --area, --key-posts
refused-not_a_member = { $person } is no member of { $branch } on { $effective }.
    .hint = rollbook timeline --person ID shows where the person was.
refused-not_covered = { $branch } does not cover { $host } on { $effective }.
    .hint = rollbook timeline --branch { $branch } tells which hosts it covered, and when.
refused-not_employed = { $person } does not work at { $host } on { $effective }.
refused-not_proposed = Nobody proposed that { $from } and { $to } be so related.
    .hint = Propose it first: rollbook propose-relation
refused-not_related = { $from } and { $to } are not so related, nor proposed to be.
    .hint = rollbook timeline tells the relations of a body, and since when.
refused-ownership_unknown = The rules have no ownership { $ownership }.
    .hint = state, collective, private, foreign and mixed are those of the presets.
refused-not_at_home = { $person } is not at home at { $branch } on { $effective }, and the rules ask for it.
    .hint = Admit or transfer the person to the branch first.
refused-not_held = { $person } does not hold the post { $role } at { $branch } on { $effective }.
    .hint = rollbook roster --branch { $branch } shows who holds which post.
refused-parent_dissolved = { $branch } is dissolved from { $dissolved } on: nothing can be under it.
    .hint = Choose another parent.
refused-parent_unknown = There is no branch { $branch } to be under.
    .hint = rollbook tree lists the branches.
refused-party_gone = { $party } is gone from { $gone } on.
refused-party_not_yet = { $party } is there from { $begins } on only.
    .hint = Choose an effective date on or after that day.
refused-party_unknown = There is no body { $party }.
refused-person_unknown = There is no person { $person } in the ledger.
    .hint = Register the person first: rollbook register-person
refused-posts_held = { $branch } still has { $posts } { $posts ->
        [one] post
       *[other] posts
    } that somebody holds.
    .hint = Take the holders out of them first: rollbook leave-post
refused-predecessor_unknown = There is no branch { $branch } to be formed from.
    .hint = rollbook tree lists the branches.
refused-relation_circle = { $from } is above { $to } already: the relation would lead back to where it begins.
refused-relations_left = { $branch } still has { $relations } { $relations ->
        [one] relation
       *[other] relations
    } to other bodies.
    .hint = End them first: rollbook end-relation
refused-same_party = { $party } cannot be related to itself.
refused-same_branch = Origin and destination are both { $branch }.
    .hint = Name another destination.
refused-same_person = { $person } cannot hand a post over to themselves.
refused-stands_alone = { $branch } would stand alone at { $hosts ->
        [0] no host
       *[other] { $hosts } hosts
    }; alone means at one.
    .hint = Choose another --mode: joint_by_industry, led_by_firm, by_region or online.
refused-too_many_hosts = { $branch } would be a joint branch over { $hosts } hosts; the rules allow { $hosts_max }.
refused-successor_unknown = There is no branch { $branch } to take over.
    .hint = Form it first, or leave it out.

## What cannot be read, in a file or a field

failure = error: { $message }
failure-cause = { "  " }because: { $cause }
failure-hint = { "  " }hint: { $hint }
failure-in-file = { $path }, line { $line }, field “{ $field }”: { $problem }
failure-in-field = Field “{ $field }”: { $problem }

problem-choice_unknown = there is no such choice.
    .hint = The field's help lists the choices.
problem-date_malformed = not a date that exists; dates are written like 2024-05-01.
problem-field_malformed = it cannot be read.
problem-field_missing = it is missing.
problem-field_unknown = there is no such field.
    .hint = The command's help lists its fields.
problem-id_malformed = not an id.
problem-key_reserved = keys that begin with import:, framework: or init are given by Rollbook itself
problem-kind_unknown = there is no such kind of fact.
problem-line_too_long = longer than { $bytes_max } bytes; no fact is.
problem-not_a_fact = not a JSON object with the fields of a fact.
    .hint = A fact has seq, date, kind and organisation, and the fields of its kind, each once.
problem-not_toml = not TOML.
problem-not_the_destination = it differs from the destination.
problem-not_utf8 = not UTF-8.
problem-number_malformed = not a whole number from 0 to 4294967295.
problem-party_ambiguous = both a branch and a host have that code.
    .hint = Write branch:CODE or host:CODE.
problem-year_malformed = not a year of birth, like 1990.
problem-setting_choice = “{ $given }” is no value of it.
    .hint = It takes: { $expected }
problem-setting_not_text = a text in quotation marks belongs here.
problem-setting_unknown = there is no such setting.
    .hint = The settings are: { $expected }
problem-text_malformed =
    empty, too long, or with control, bidirectional or zero-width characters.

## What is wrong with a command line

usage-choice_unknown = “{ $given }” is no value of { $argument }.
    .hint = It takes: { $expected }
usage-argument_conflict = { $argument } and { $prior } do not go together.
usage-date = { $argument }: “{ $given }” is not a date that exists; dates are written like 2024-05-01.
usage-demo_scale = “{ $given }” is no scale: a whole number from 1 to { $most } is.
    .hint = One city has about 17,000 events; for a larger ledger try --scale 10
usage-field_twice = The field { $argument } is given twice.
usage-field_without_value = “{ $argument }” has no value: fields are given as key=value.
usage-handle_without_purpose =
    Looking somebody up by handle is a read of personal data, and such reads need a purpose.
    .hint = Say what for with --purpose TEXT, or name the person by id.
usage-instant_or_position =
    { $argument }: “{ $given }” is neither a position nor an instant like 2024-05-01T12:00:00Z.
usage-invalid_value = “{ $given }” is no value of { $argument }.
    .hint = rollbook COMMAND --help lists the choices.
usage-ledger_url = “{ $given }” names no ledger.
    .hint = A ledger is named like sqlite:rollbook.db or postgres://user@host/database
usage-malformed = The command line cannot be read.
    .hint = rollbook --help
usage-missing_argument = Missing: { $argument }.
    .hint = rollbook COMMAND --help explains it.
usage-missing_command = Missing: what to do.
    .hint = rollbook demo shows what there is; rollbook --help lists the commands.
usage-names_without_purpose = Names are personal data, and reads of personal data need a purpose.
    .hint = Say what for with --purpose TEXT; it is recorded with the read.
usage-not_utf8 = An argument is not UTF-8.
usage-period_without_a_day = From { $from } until { $until } there is no day: the second is the first day after.
usage-unknown_argument = There is no argument { $argument } here.
    .hint = rollbook COMMAND --help lists the arguments.
usage-unknown_command = There is no command { $argument }.
    .hint = rollbook --help lists the commands.
usage-unknown_topic = There is no help on “{ $given }”.
    .hint = rollbook --help lists the commands; another topic is exit-codes.
usage-value_missing = { $argument } needs a value.

## Errors

error-another_writer = Another process is writing to { $place }.
    .hint = Wait until it is done. Reading goes on meanwhile.
error-beginning_differs =
    The first { $lines } lines of { $path } are not those that were applied before under this source.
    .hint = Another register's file needs a name of its own: --source NAME
error-broken_pipe = Nobody reads the output.
error-changed_meanwhile = { $path } changed while it was being imported.
    .hint = Import it again: what is recorded already is recognised.
error-conflict = The record kept changing while this was being decided; nothing was recorded.
    .hint = Try again.
error-corrupt = { $place } is damaged.
    .hint = Stop writing, keep the files as they are, and run: rollbook verify
error-corrupt_at = { $place } is damaged, at position { $position }.
    .hint = Stop writing, keep the files as they are, and run: rollbook verify
error-demo_exists = There is a ledger at { $file } already; it was left as it is.
    .hint = Look around in it with --ledger sqlite:{ $file }, or name another place with --ledger sqlite:PATH.
error-demo_too_large = The demo would take about { $needed } GB, { $lacking } GB more than the disk of { $file } has free. Nothing was made.
    .hint = Choose a smaller --scale, or name a place on another disk with --ledger sqlite:PATH.
error-disk_full = The disk that holds { $place } is full. Nothing is lost.
    .hint = Free some space and try again.
error-erasure_lingers = The person is erased, but traces may remain in { $place }.
    .hint = Erase again when nobody reads the vault.
error-exists = There is a ledger at { $place } already.
    .hint = Use it, or name another place with --ledger. A stray -wal or -journal file was somebody's: move it away.
error-file_cut_off = { $path } is cut off after line { $lines }: a half-written gzip file. Nothing was recorded.
    .hint = Fetch or write the file again.
error-file_unreadable = { $path } cannot be read.
error-file_unwritable = { $path } cannot be written.
error-handle_fixed = The handle of person { $person } can only be given when the person is registered.
error-handle_taken = That handle belongs to another person (not to { $person }).
    .hint = Use the person who has it, or another handle.
error-io = Reading or writing failed.
error-key_reused = The idempotency key { $key } was used before, for another command.
    .hint = Use a fresh key for a new command.
error-malformed_key = { $place } holds no key: a key is 64 hexadecimal digits.
    .hint = Name the right file with --key or ROLLBOOK_KEY.
error-newer_schema = { $place } was written by a newer Rollbook (version { $found }; this one knows { $known }).
    .hint = Use the newer program.
error-no_key = There is no key at { $place }.
    .hint = Name the key file with --key or ROLLBOOK_KEY.
error-no_ledger = There is no ledger at { $place }.
    .hint = Found one with: rollbook init. Another place is named with --ledger sqlite:PATH.
error-no_purpose = Reads of personal data need a purpose, in words that can be seen.
    .hint = Say what for with --purpose TEXT.
error-no_vault = There is no vault at { $place }.
    .hint = The vault lies beside its ledger: bring both together.
error-not_a_ledger = { $place } is no Rollbook ledger; it was left as it is.
    .hint = Name the ledger with --ledger sqlite:PATH
error-not_a_vault = { $place } is no Rollbook vault; it was left as it is.
error-nothing_to_go_back_to = There is no former table of { $name } to go back to.
    .hint = A rebuild leaves one. To one of another version goes back the program that made it.
error-not_found = There is no { $what } { $given }.
error-person_erased = Person { $person } was erased.
error-person_not_found = There is no such person.
error-many_names = { $place } has another name besides this one (a hard link); under each of them somebody could write.
    .hint = Remove the other name, or copy the file there instead.
error-read_only = { $place } cannot be written to.
error-store = { $place } failed.
    .hint = Nothing was recorded; try again later.
error-unconfirmed = The disk did not confirm a write to { $place }: what was under way may be lost.
    .hint = Run the command again; what was recorded is recognised by its idempotency key.
error-unreachable = The database at { $place } cannot be reached, or lets nobody in.
    .hint = Is the server running, and are the user, the password and the database right? Nothing was recorded; try again later.
error-vault_exists = There is a file at { $place } already, where the vault or its key was to be made.
    .hint = Is it left over from another ledger? Move it away, or name another place.
error-vault_not_open = This ledger has no vault.
error-vault_of_another_ledger = The vault at { $place } belongs to another ledger.
    .hint = Bring the ledger and its own vault together.
error-wrong_key = The key does not open the vault at { $place }.
    .hint = Name the right key file with --key or ROLLBOOK_KEY.

## The demo

demo-welcome =
    Rollbook keeps a record with two clocks: what was true on a day, and what was
    known of it when.

    An invented city from { $first } to { $last }, in { $file }:
    { $events } events, each decided by an ordinary command. Nobody in it is real.
demo-study = 1. The city on { $day }, with the totals of a field study
demo-hosts = Enterprises
demo-not-public = … not publicly owned
demo-software = … software and e-commerce
demo-large = … with 50 staff or more
demo-staff = Staff
demo-members = Members
demo-young = … under 35
demo-branches = Branches that count
demo-per-hundred = Branches per 100 enterprises
demo-coverage = 2. How well is the field covered?
demo-size = { $size } staff
demo-all = All
demo-gaps = 3. Where not? All that is missing is listed, with its reason
demo-gap-members = members work there, and no branch
demo-gap-staff = 20 staff or more, and no member
demo-gap-nobody = nobody is responsible
demo-gap-post = a key post held by no member
demo-gap-under = a branch under strength
demo-gap-over = a branch too large
demo-gap-joint = a joint branch with one host left
demo-gap-gone = a branch whose hosts are gone
demo-lives = 4. How long do branches live?
demo-lives-text =
    { $lives } branches and committees so far; { $ended } were dissolved, { $quick } of them within
    90 days. { $one_day } were formed in the morning and gone by evening, like
    { $like }. By estimate { $survival } outlive their first year.
demo-flows = 5. Who came, moved and went?
demo-quarter = { $year }, quarter { $quarter }
demo-member = 6. One member
demo-member-text =
    The record knows people by random ids; their names lie encrypted in a vault.
    This is { $person }, in short { $short }

demo-event = { $day }  { $event }
demo-late = 7. The other clock
demo-late-text =
    On { $day } a paper turned up: somebody had left { $branch }
    on { $left }. How many members did the branch have when that day ended?
demo-late-before = { $members }  as known the evening before, at position { $position }: that answer stays
demo-late-now = { $members }  as known now, at position { $position }
demo-next = Look around in it:
demo-commands =
    export ROLLBOOK_LEDGER={ $file }
    { $program } coverage --as-of 2016-12-31 --by area
    { $program } gaps --kind nobody_responsible
    { $program } timeline --branch { $branch }
    { $program } roster --branch { $branch } --names --purpose tour
    { $program } verify
