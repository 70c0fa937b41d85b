# Everything that people read, in English. Codes and JSON keys are never translated.
# A message may have a .hint: the way out.

## Help

help-usage = Usage:
help-commands = Commands
help-options = Options
help-group-begin = Begin:
help-group-ask = Ask:
help-group-field = The field:
help-group-tend = To be done:
help-group-transfers = Transfers:
help-group-record = Record:
help-group-check = Check:
help-group-keep = Move and keep:
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
exit-another_writer = another process is writing to this ledger, or rebuilding its tables
exit-wrong_key = the key is missing, or does not open the vault
exit-interrupted = interrupted; what was acknowledged is kept

command-rollbook =
    Rollbook keeps the record of who belonged where, since when, and who knew it when.
command-demo = An invented city with two years of history, and what can be asked of it
command-init = Found a ledger, with its vault and key
command-import = Take over the records of another register
command-import-plan = Read a file, say what its import would do, and write a plan that import facts --plan applies
command-import-facts = Import a file of dated facts, one JSON object a line, gzipped or not
command-import-events = Make a ledger, in an empty place, of an export of events from any engine; the vault is not in it, a backup moves it
command-export = Give out the record
command-export-events = Write the whole record, byte by byte as it was recorded; the vault is not in it, a backup moves it
command-backup = Copy the whole ledger, while others record, into a new directory: its events and its vault, not its key
command-restore = Make a ledger of a backup, in an empty place, and verify it before saying so
command-headcount = How many members has each branch? With --from and --until: how many are there on every day of a period?
command-totals = How large is the whole body?
command-roster = Who belongs to which branch, and in which role?
command-inbox = Which letters has a branch to answer, and by when?
command-outbox = Which letters did a branch issue that are not done yet?
command-waiting = Which members are in transit, and for how many days?
command-overdue = Where should somebody have acted on a transfer?
command-tree = Which branch is under which?
command-branches = How does each branch stand, and what falls due for it?
command-posts = Who holds which post, until when, and which are vacant?
command-coverage = How well is the field covered?
command-gaps = Where does coverage fall short of what the rules expect?
command-responsible = Who is responsible for a host, and by which line?
command-lifespans = How long do branches live?
command-flows = Who came, moved and went in a period?
command-timeline = What happened to one member, branch or host?
command-diff = What is told of a day otherwise than it was, and why?
command-transfer-batch = Letters for many members from one file: person, from, to, letter, effective
command-log = Every event, in the order in which it was recorded
command-due = What is due, or soon will be?
command-clock = The clock: what falls due is recorded when it is advanced
command-clock-advance = Record what fell due up to a day
command-screening = Go through every relation in a branch and below it, and record the round
command-policy = The rules: shown, checked in a file, and the dues that they ask
command-policy-show = Every rule in force, with its key, its value and the source that it follows
command-policy-check = Check a file of rules, and adopt nothing
command-policy-dues = What is owed on an amount by the rules in force
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
command-apply-for-membership = Record an application for membership
command-assign-secondary-place = Assign a member a place at another branch beside the home
command-cancel-probation = End the membership of somebody who is on trial
command-change-state = Take a membership from one state to another
command-declare-distinct = Declare that two persons are not the same; a second person must agree
command-end-mobility = Record that a member who was away is back
command-end-secondary-place = End a member’s place at another branch
command-extend-probation = Make a time of trial longer
command-merge-persons = Merge a person into another one who is the same
command-record-death = Record that a person died
command-register-mobility = Register that a member is away for long; the home stays
command-report-contact-lost = Record that contact with a member is lost
command-report-contact-regained = Record that a member was found again
command-restore-membership = Restore a stopped membership
command-stop-membership = Stop a membership
command-suspect-duplicate = Suspect that two persons are the same
command-unmerge-persons = Undo the merge of two persons
command-accept-relation = Accept a proposed relation: it holds from then on
command-abandon-winding-up = Give the winding-up of a branch up: it goes on
command-approve-branch = Approve a proposed branch: it is formed with it
command-approve-plan = Approve the open plan of a branch, as a second person
command-change-branch-kind = Change the kind of a branch; it stays the same branch
command-declare-successor = Declare that a branch takes the place of a dissolved one
command-elect-officer = Elect somebody into a post for a term
command-end-acting = End the time of whoever acts in a post
command-execute-plan = Execute the open plan of a branch: all that it changes, at once or not at all
command-name-acting = Name somebody to act in a vacant post
command-plan-reorganisation = Plan a merger, a split, a dissolution or a move, with a line for every member
command-propose-branch = Propose that a branch be formed
command-reject-branch = Turn a proposed branch down
command-remake-plan = Make the open plan of a branch anew, with everybody who is in it now
command-resume-branch = Resume a suspended branch
command-start-winding-up = Begin to wind a branch up: nobody comes any more
command-suspend-branch = Suspend a branch: it admits nobody, its members count
command-withdraw-plan = Withdraw the open plan of a branch
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
command-correct-events = Correct recorded events: they were not so, or on another day, or something else was so
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
command-accept-transfer = Accept a member on a letter: the home moves with it
command-accept-transfer-by-rule = Take the silence of a destination for consent, where the rules do
command-appeal-transfer = Appeal against the return of a letter
command-decide-appeal = Decide an appeal against a return
command-divert-transfer = Send a letter to another destination
command-escalate-transfer = Call upon the common superior of a silent destination
command-expire-transfer = Record that a letter ran out
command-issue-transfer = Issue a letter for a member who shall move
command-present-transfer = Present a letter to its destination
command-receipt-transfer = Record the receipt that completes a transfer
command-receive-external = Take in the letter of a body outside the ledger
command-reissue-transfer = Issue a letter anew under another number
command-resume-transfer = Let the deadlines of a transfer run again
command-return-transfer = Return a letter to its origin with the reason
command-suspend-transfer = Let the deadlines of a transfer stand still
command-void-letter = Void a letter that was lost
command-withdraw-transfer = Withdraw a letter: the member stays
command-duties = Which members ought to transfer to where they work?
command-members = Which members ask for attention: out of contact, away, on trial, in doubt?
command-rename-person = Give a person another name in the vault
command-search = Find a branch by id, code or name, a person by id, handle or name

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
option-backup-directory = The directory of the backup
option-export-file = The file to be made; without it the lines go to standard output
option-out = Where the plan is written
option-plan = The plan to apply; refused when it is another file's, or when something that it rests on has moved
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
option-due = Only those for which something falls due
option-vacant = Only the vacant ones
option-at-hosts = The key posts at the hosts, and which members hold them
option-of = What a life is the life of: branch (default), or name: then a new name begins a new life
option-branch-kind = Only branches of one kind, by its code
option-from = The first day of the period, like 2024-01-01
option-until = The first day after the period, like 2025-01-01
option-period = How the period is cut: none (default), month, quarter or year
option-by-branch = What is told one by one: branch; with the matrix of moves from branch to branch
option-days-by-branch = What is told one by one: branch; without it all of them together
option-names = Show names or handles of people, out of the vault; needs --purpose
option-purpose = What names are read for; it is recorded with the read, and names no person
option-after = Begin after this position
option-and = The later of the two: an instant or a position. Default: now
option-all-or-nothing = Record nothing unless every row can be
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
option-advance-to = The day up to which the clock is advanced. Default: today
option-within = Also what falls due within so many days. Default: 0
option-held = Show the rounds that were held
option-amount = The amount, like 3000 or 3000.50
option-corrections-file = A JSON file in place of the lists: “retract” with positions, “redate” with objects of “position” and “effective”, “replace” with objects of “position” and “by” (the fields that are otherwise), and “reason”
option-policy-file = A file of the body’s own rules, in TOML, in place of a preset
option-topic = A command, or exit-codes
option-members-list = out-of-contact, mobile, probation-due or in-doubt
option-text = An id or handle, or what occurs in a name or former name
option-name = The name from now on; the one before is kept as a former name

field-birth_year = The year of birth; goes to the vault; the record keeps five years around it
field-by = The body that asks for it: branch:CODE, host:CODE, or a code that only one of them has
field-form = What kind of reorganisation it is
field-forms = The branches that are formed with it, as CODE:NAME, separated by commas
field-lines = Where single members go, as PERSON=CODE, separated by commas
field-sources = The branches that are reorganised, by code or id, separated by commas
field-successor_of = The dissolved branch whose place it takes
field-term_until = The first day after the term. Default: as the rules say
field-branch = The branch, by code or id
field-area = The code of its area, defined before
field-contract = Whether there is a contract of employment. Default: as before
field-host = The host, by code or id
field-hosts = The hosts, by code or id, separated by commas
field-key_posts = The codes of the posts that a member should hold, separated by commas
field-mode = How the branch is formed over its hosts
field-months = By how many months
field-other = The other person, by id or by handle; in a merge the one whose id remains
field-ownership = The code of who owns it, as the rules list them
field-place = Where the member is, as a code of the body’s own
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
field-identity_number = The number of an identity document; goes to the vault
field-into = The branches that take over, separated by commas
field-kind = The code of its kind. Default: as the rules say
field-name = The name
field-parent = The branch above it, by code or id; none at the top level
field-person = The person, by id or by handle
field-phone = The telephone number; goes to the vault
field-preset = The set of rules: association, party or union
field-reason = The reason
field-holder = Who holds the post so far
field-redate = The events that were so on another day: POSITION=DATE, separated by commas
field-replace = The events in whose place something else was so: POSITION:FIELD=VALUE,…, separated by semicolons
field-retract = The events that were not so, by their positions, separated by commas
field-state = The code of the state, as the rules list them
field-successor = Who holds it from then on
field-role = The code of the post, like chair
field-title = A title for people, beside the name
field-to = The branch from then on, by code or id
field-body = The body outside the ledger, by its code
field-good_until = The letter's last day, as the body outside states it
field-letter = The letter's number
field-new_letter = The new letter's number
field-note = What the reason stands for, as a code
field-verdict = Whether the return is set aside

## The line above every answer

place = Valid on { $valid_on } · known at position { $known_at } · { $day_rule }
place-scheduled = Scheduled for { $valid_on } · known at position { $known_at } · { $day_rule }
place-diff = Valid on { $valid_on } · known at positions { $then } and { $now }
place-period = From { $from } until { $until }, not included · known at position { $known_at }
place-period-scheduled =
    Scheduled from { $from } until { $until }, not included · known at position { $known_at }
place-days =
    Every day from { $from } until { $until }, not included · known at position { $known_at } · { $day_rule }
place-days-scheduled =
    Scheduled, every day from { $from } until { $until }, not included · known at position { $known_at } · { $day_rule }
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
head-host = Host
post-no-member = held by no member
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
head-falls-due = Falls due
head-state = State
head-term = Term until
head-answers-by = Line
head-body = Body
head-code = Code
head-actor = Recorded by
head-position = Position
head-recorded = Recorded
head-source = Source
head-formed = Formed
head-dissolved = Dissolved
head-day = Day
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
head-then = Then
head-now = Now
head-difference = Difference
head-change = Change
head-finding = Finding
head-detail = Detail
head-setting = Setting
head-origin = Comes from
head-letter = Letter
head-to = To
head-phase = Stage
head-acts = To act
head-due = Due
head-overdue = Days overdue

head-rule = Rule
head-what-due = What is due
head-about = About
head-recorded-due = Recorded?
head-held = Held
head-branches = Branches
definition-due =
    Days: since it has been due; negative: until it will be. Recorded: whether the clock was advanced over
    it; reading records nothing: rollbook clock advance
empty-due = Nothing is due on that day, as far as is known.
due-recorded = yes
due-not-recorded = due, not yet recorded
due-ahead = not due yet
due-under_strength = fewer full members than a branch needs
due-over_size = more members than a branch may have
due-committee_to_elect = members enough for a committee: elect one beside the secretary
due-joint_with_one_host = a joint branch with one host left
due-hosts_gone = to be dissolved: its hosts are gone
due-life_over = to be dissolved: its time is over
due-idle = nothing has happened there for long
due-term_ends = a term of office ends soon
due-term_over = an election: the term of office is over
due-vacant = a post that nobody holds
due-probation_over = the probation is over: decide on the membership
due-out_of_contact = out of contact for too long: stop the membership
due-removal_due = stopped and out of contact for good: remove the member
due-away_for_long = away for long: transfer the member, or name a branch there
due-transfer_due = a transfer to where the member works
clock-advanced = The clock stands on { $to }; { $dues ->
        [0] nothing new fell due
        [one] 1 thing fell due
       *[other] { $dues } things fell due
    } up to that day.
clock-preview = Up to { $to } { $dues ->
        [0] nothing new falls due
        [one] 1 thing falls due
       *[other] { $dues } things fall due
    }; nothing was recorded.
clock-fell-due = { "  " }{ $day }  { $subject }: { $what } (by { $rule })
due-letter_runs_out = a letter runs out soon
due-letter_back = a letter came back: its origin has to act
clock-acted = { "  " }{ $day }  letter { $letter }: { $command }
clock-refused = { "  " }{ $day }  letter { $letter }: { $command } was refused: { $why }
screened-letter_unsettled = a letter that ran out or came back
screening-held = Screened { $branch } and what is below it on { $day }: branches { $branches }, members { $members }, findings { $findings }.
screening-preview = Would be recorded of { $branch } and what is below it on { $day }: branches { $branches }, members { $members }, findings { $findings }.
empty-screenings = No round had been held by then, as far as was known.
screened-works_elsewhere = works at a host that other branches cover
screened-holder_not_at_home = holds a post and is not at home there
screened-host_gone = covers a host that operates no more
screened-relation_unanswered = a proposed relation that nobody answered
policy-in-force = The rules “{ $name }”, in force from { $from }, version { $version }. { $note }
policy-absent = What is not listed asks nothing.
policy-good = “{ $name }”: { $values } values fit together.
policy-good-from = “{ $name }”, from { $from }: { $values } values fit together.
dues-owed = On { $base } are owed { $owed }: { $rate } % of the whole.
dues-none = On { $base } nothing is owed: the rules ask no dues.
definition-coverage = Each host counts once in each dimension; shares are of the hosts. The list behind a number: --list MEASURE [--by DIMENSION --value VALUE]
definition-gaps = { $gaps } gaps; the numbers expected are those of the rules in force on that day.
definition-branches = What falls due is by the rules in force on that day; nothing changes by itself.
definition-key-posts = The key posts of the hosts that operate on that day; only members are told.
definition-posts = Posts that somebody held or acted in by that day, at the branches that are live then.
definition-responsible = The nearest line first: supervision, association, guidance, fallback. A host without a line has nobody.
definition-headcount =
    Members: memberships that are at home at the branch itself. Branches without members count 0;
    branches under it count for themselves.
definition-daily =
    Every day as `headcount --as-of` counts it: memberships at home at the branch itself, and the branches
    that are there. A branch is told on the days on which it is there.
definition-roster =
    A post held has a row of its own in place of the row “member”. Since: at home there, or in the post.
    Persons who are merged are one, under the id that counts.
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
definition-diff = What was recorded in between and says something about that day or one before it.
definition-timeline = By the day from which each event holds; `rollbook log` shows when it was recorded.
definition-duties = A member ought to transfer who works at a host for which another branch counts: at once under a contract, or after the months that the rules name.

total-branches = Branches
total-branches-meaning = branches that exist, of every kind
total-members = Members
total-members-meaning = persons with at least one membership, each counted once; those who are merged are one
total-memberships = Memberships
total-memberships-meaning = memberships; a person may have several where the rules say so
total-posts = Posts
total-posts-meaning = posts held; a post with two holders counts twice
total-state = in the state { $state }
total-state-meaning = memberships in it, with a home or without

empty-hosts = No host operates on that day, as far as was known then. Register one: rollbook register-host
empty-list = Nothing is counted there on that day.
empty-gaps = No gap: everything is as the rules expect, as far as is recorded.
empty-branches = There was no branch then, as far as was known.
empty-branches-ever = No branch had been formed by then, as far as was known.
empty-kind = No branch of the kind { $kind } had been formed by then, as far as was known.
empty-diff = Nothing about that day or one before it was recorded in between.
empty-flows = Nobody joined, moved or left in that time, as far as was known.
empty-roster = Nobody belonged there then, as far as was known.
empty-transfers = No such transfer was under way then, as far as was known.
clock-stands-still = (stands still)
destination-suspended = {" "}(destination is suspended: divert or return)
destination-winding_up = {" "}(destination is winding up: divert or return)
phase-issued = issued
phase-presented = presented
phase-returned = returned
phase-expired = run out
phase-voided = lost
phase-accepted = accepted, no receipt
phase-unmatched = receipt without letter
definition-transfers =
    A letter is due on its last day, an answer so many days after the presentation as the rules say,
    and whatever came back to the origin on the day on which it did. Until acceptance the origin keeps the member.
empty-timeline = Nothing had happened by then, as far as was known.
empty-log = There are no such events.
empty-members = No member is on this list.
empty-duties = Nobody ought to transfer.
empty-search = Nothing is called “{ $text }”.
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

struck-retracted = { $event } (struck by position { $position })
struck-redated = { $event } (on another day by position { $position })
struck-replaced = { $event } (replaced by position { $position })
told-LedgerOpened = the ledger was opened, in zone { $zone }, with the preset { $preset }
told-AreaDefined = the area { $area } was defined, “{ $name }”
told-PolicyAdopted = the rules “{ $rules }” were adopted
told-PersonRegistered = person { $person } was registered
told-BirthBandRecorded = { $person } was born between { $from } and { $to }
told-PersonDied = { $person } died
told-DuplicateSuspected = { $person } may be the same as { $other }
told-DeclaredDistinct = { $person } is not the same as { $other }
told-PersonMerged = { $person } is the same as { $other } and goes by that id
told-PersonUnmerged = { $person } is not the same as { $other } after all
told-MembershipAdmitted = { $again ->
        [yes] { $person } joined { $branch } again
       *[no] { $person } joined { $branch }
    }{ $state ->
        [none] {""}
       *[other] , as { $state }
    }
told-MembershipApplied = { $person } applied to { $branch }, as { $state }
told-MembershipStateChanged = { $person } went from { $from } to { $to }{ $enters ->
        [none] {""}
       *[other] , at home at { $enters }
    }{ $leaves ->
        [none] {""}
       *[other] , no longer at home at { $leaves }
    }
told-ProbationExtended = the probation of { $person } was extended until { $until }
told-ContactLost = contact with { $person } was lost
told-ContactRegained = contact with { $person } was regained
told-MobilityRegistered = { $person } is away{ $place ->
        [none] {""}
       *[other] , at { $place }
    }{ $branch ->
        [none] {""}
       *[other] , looked after by { $branch }
    }
told-MobilityEnded = { $person } is back
told-SecondaryPlaceAssigned = { $person } has a secondary place at { $branch } from then on
told-SecondaryPlaceEnded = { $person } has no secondary place at { $branch } any more
told-HomeMoved = { $person } moved from { $from } to { $to }
told-EventRedated = Corrected ({ $reason }): holds from this day and not from { $date }: { $was }
told-EventReplaced = Corrected ({ $reason }): { $by } — instead of: { $was }
told-EventRetracted = Corrected ({ $reason }): it was not so: { $was }
told-MembershipEnded = { $branch ->
        [none] the membership of { $person } ended: { $reason }
       *[other] { $why ->
            [left] { $person } left { $branch }
           *[other] { $person } left { $branch }: { $reason }
        }
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
told-BranchProposed = { $branch }, “{ $name }”, was proposed to be formed under { $parent }
told-BranchApproved = the proposal of { $branch } was approved
told-BranchProposalRejected = { $reason ->
    [none] the proposal of { $branch } was turned down
   *[other] the proposal of { $branch } was turned down: { $reason }
}
told-BranchSuspended = { $reason ->
    [none] { $branch } was suspended
   *[other] { $branch } was suspended: { $reason }
}
told-BranchResumed = { $branch } resumed
told-WindingUpStarted = { $reason ->
    [none] { $branch } began to be wound up
   *[other] { $branch } began to be wound up: { $reason }
}
told-WindingUpAbandoned = { $branch } is wound up no longer: it goes on
told-BranchKindChanged = { $branch } changed from { $from } to { $to }
told-BranchReFormed = { $branch } takes the place of { $former }
told-PostTermSet = { $until ->
    [none] { $person } serves as { $role } at { $branch }, { $mode }
   *[other] { $person } serves as { $role } at { $branch }, { $mode }, until { $until }
}
told-ActingNamed = { $person } acts as { $role } at { $branch }
told-ActingEnded = { $why ->
    [left] { $person } acts as { $role } at { $branch } no longer
   *[other] { $person } acts as { $role } at { $branch } no longer: { $reason }
}
told-ReorganisationPlanned = a { $form } was planned: { $sources } to { $rest }, with { $members } members and { $cases } open transfers
told-ReorganisationApproved = the reorganisation was approved
told-ReorganisationExecuted = the reorganisation was executed
told-ReorganisationWithdrawn = { $reason ->
    [none] the plan was withdrawn
   *[other] the plan was withdrawn: { $reason }
}
holding-elected = elected
holding-appointed = appointed
plan-merge = merger
plan-split = split
plan-dissolution = dissolution
plan-move = move
reason-succeeded = somebody else took over
told-HostAttached = { $branch } covers the host { $host } from then on: { $mode }
told-HostDetached = { $branch } covers the host { $host } no longer
told-HostRegistered = the host { $host }, “{ $name }”, was registered: { $kind }, { $ownership }, { $staff } staff
told-HostChanged = the host { $host } changed: { $changes }
told-HostClosed = the host { $host } was closed
told-PersonEmployed = { $post ->
        [none] { $person } works at { $host } from then on
       *[other] { $person } works at { $host } as { $post } from then on
    }{ $contract ->
        [signed] , under contract
       *[none] {""}
    }
told-EmploymentEnded = { $person } works at { $host } no longer
told-RelationProposed = it was proposed that { $from } { $relation } { $to }
told-RelationAccepted = it was accepted that { $from } { $relation } { $to }
told-RelationEnded = it ended that { $from } { $relation } { $to }
told-ClockAdvanced = what fell due up to { $day } is recorded
told-FellDue = for { $subject } fell due, by { $rule }: { $due }
told-ScreeningHeld = { $branch } and what is below it was screened: branches { $branches }, members { $members }; found: { $findings }
told-TransferIssued = { $from } issued the letter { $letter } for { $person } to { $to }{ $last_day ->
    [none] {""}
   *[other] , good until { $last_day }
}
told-TransferPresented = the letter { $letter } for { $person } was presented to { $to }
told-TransferAccepted = { $to } accepted { $person } from { $from } on the letter { $letter }
told-TransferReturned = { $to } returned the letter { $letter } for { $person } ({ $reason }{ $note ->
    [none] {""}
   *[other] : { $note }
})
told-TransferReissued = { $from } issued the letter { $letter } for { $person } to { $to } in place of { $former }{ $last_day ->
    [none] {""}
   *[other] , good until { $last_day }
}
told-TransferWithdrawn = { $from } withdrew the letter { $letter } for { $person }
told-TransferExpired = the letter { $letter } for { $person } to { $to } ran out (rule { $rule })
told-TransferLetterVoided = the letter { $letter } for { $person } to { $to } was lost and is void
told-TransferDiverted = the letter { $letter } for { $person } goes to { $to } instead of { $former }
told-TransferClockSuspended = the deadlines of the letter { $letter } for { $person } stand still
told-TransferClockResumed = the deadlines of the letter { $letter } for { $person } run again{ $last_day ->
    [none] {""}
   *[other] ; it is good until { $last_day }
}
told-TransferEscalated = { $to } did not answer the letter { $letter } for { $person }: { $superior } is called upon (rule { $rule })
told-TransferAcceptedByRule = { $to } did not answer the letter { $letter } and so accepted { $person } from { $from } (rule { $rule })
told-TransferAppealed = { $from } appealed to { $superior } against the return of the letter { $letter } for { $person }
told-TransferAppealDecided = { $upheld ->
    [yes] the return of the letter { $letter } for { $person } was set aside: { $to } has to answer
   *[no] the return of the letter { $letter } for { $person } stands
}
told-TransferReceipted = the receipt of { $to } for { $person } on the letter { $letter } came back to { $from }
told-TransferClosed = the transfer of { $person } on the letter { $letter } became moot ({ $reason })
told-TransferReceived = { $from } presented its letter { $letter } for { $person } to { $to }{ $last_day ->
    [none] {""}
   *[other] , good until { $last_day }
}
told-TransferDepartedExternal = { $to } confirmed that it took { $person } in from { $from } on the letter { $letter }
told-TransferOriginMoved = the letter { $letter } for { $person } now comes from { $from } instead of { $former }
told-TransferReceiptUnmatched = { $body } sent a receipt for a letter { $letter } that is not known here
told-TransferReceiptMatched = the receipt of { $body } for the letter { $letter } is settled
closed-membership_ended = the membership ended
closed-died = the member died
closed-expelled = the member was expelled
closed-removed = the member was removed
closed-home_lost = the membership has no home any more
closed-home_moved = the home moved in another way
closed-branch_dissolved = a side was dissolved
whole-body = the body as a whole
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
reason-departed = the member went to a body outside
reason-withdrew = withdrew
reason-resigned = resigned
reason-probation_cancelled = the probation was cancelled
reason-declined = the application was declined
reason-duplicate = recorded twice
reason-home_ended = no longer a member there
reason-not_full = no longer a full member

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

gap-members_without_branch = { $found } full members work there (from { $expected } on: a branch) and no branch is formed for it
gap-staff_without_member = { $found } staff (from { $expected } on: a member) and no member among them
gap-nobody_responsible = nobody is responsible for it
gap-key_post_without_member = the key post { $post } is held by no member
gap-under_strength = { $found } full members, where the rules expect { $expected } at least
gap-over_size = { $found } members, where the rules expect { $expected } at most
gap-joint_with_one_host = a joint branch with { $found } host left
gap-hosts_gone = none of its hosts operates any more
gap-not_placed = held there since { $since }, until a branch takes the member in
standing-due-under_strength = fewer full members than the rules expect
standing-due-general_branch_due = should be a general branch
standing-due-committee_due = should be a committee
standing-due-idle = idle
standing-due-life_over = its life is over: dissolve it
phase-active = active
phase-suspended = suspended
phase-winding_up = being wound up
post-held = held
post-term_due = term ends soon
post-term_over = term is over
post-vacant = vacant
post-acting = vacant; somebody acts

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
preview-figures = What would be told otherwise of { $day }:
restated-members = Members: { $then }, now { $now } ({ $difference })
restated-branches = Branches: { $then }, now { $now } ({ $difference })
restated-nothing = No branch is told otherwise.
restated-appeared = appeared: “{ $now }”
restated-vanished = vanished: “{ $then }”
restated-name = “{ $then }”, now “{ $now }”
restated-parent = below { $then }, now { $now }
restated-phase = { $then }, now { $now }
restated-top = (top)
diff-more = { $count } more; --limit shows them.
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
progress-export = Writing
progress-verify = Verifying
progress-rebuild-fold = Folding
progress-rebuild-compare = Comparing { $name }
progress-rebuild-stage = Putting { $name } in place
report = Imported { $lines } { $lines ->
        [one] line
       *[other] lines
    } as source “{ $source }”: { $applied } facts gave { $events } events, up to position { $position }.
letters = Letters issued: { $recorded }; were so already: { $already_so }; refused: { $refused }; withheld, because others were refused: { $withheld }
letters-preview = Letters that would be issued: { $foreseen }; are so already: { $already_so }; refused: { $refused }. Nothing was recorded.
import-planned = The plan is in { $out }.
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
outcome-recorded = recorded
outcome-already_so = is so already
outcome-foreseen = would be recorded
outcome-withheld = withheld
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
backup-done = { $events } events of ledger { $ledger } backed up. Root: { $root }
backup-key = The key is not in the backup: keep a copy of { $key } in another place. Without it nobody reads the names again.
backup-no-vault = There is no vault here, so none is in the backup.
restore-done = { $events } events of ledger { $ledger } restored and verified. Root: { $root }
restore-key = The key is not in a backup: put it at { $key }, or say with --key where it lies.
export-done = { $events } events of ledger { $ledger } written. Root: { $root }
import-events-done = { $events } events of ledger { $ledger } taken over and verified. Root: { $root }
import-events-vault = The vault is not part of an export: copy it, with its key, to where this ledger looks for them.
rebuild-stays = Where what served is another, it still serves: its rows are not those of the events.
    .hint = Keep a copy of the table and look into it; then repair it with: rollbook rebuild --replace
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
finding-summary = the summary of members is not what their tables say
finding-unreadable = no event can be read

## Refusals: one sentence, and the way out

refused-acted_by_another = Somebody acts as { $role } at { $branch } since { $since }: end that first.
refused-already_formed = { $branch } was formed on { $formed }.
refused-already_winding_up = { $branch } is being wound up since { $since }: abandon the winding-up first, or dissolve it.
refused-approval_needed = The rules ask that { $code } be proposed and approved: propose-branch, then approve-branch.
refused-before_plan = The plan for { $branch } was made or approved on { $planned } only.
    .hint = Choose an effective date on or after that day.
refused-before_proposal_of_branch = { $branch } was proposed on { $proposed } only.
    .hint = Choose an effective date on or after that day.
refused-branch_not_proposed = Nobody proposed a branch { $branch }: propose it, or form it.
refused-branch_suspended = { $branch } is suspended since { $since } and takes nobody and nothing in: resume it first, or choose another branch.
refused-branch_winding_up = { $branch } is being wound up since { $since } and takes nobody and nothing in: choose another branch, or abandon the winding-up.
refused-code_proposed = The code { $code } is kept for a branch that was proposed on { $proposed }: approve it, or choose another code.
refused-hosts_unfit = { $branch } cannot cover { $hosts } hosts in that way: choose another mode, or detach hosts first.
refused-kind_not_for_members = { $branch } has { $members } members, and a { $kind } holds no memberships: move them first.
refused-move_impossible = { $branch } cannot be moved so: { $code }. Withdraw the plan, or remake it.
refused-new_code_taken = The code { $code } of a new branch is taken: choose another one.
refused-no_plan = No plan of { $branch } is open: plan the reorganisation first.
refused-not_acting = { $person } does not act as { $role } at { $branch } on { $effective }.
    .hint = rollbook posts tells who acts where.
refused-not_dissolved = { $branch } is not dissolved on { $effective }: only then another takes its place.
refused-not_in_sources = { $person } is in none of these branches on { $effective }, and can have no line.
refused-not_winding_up = { $branch } is suspended since { $since }, and not being wound up: resume it instead.
refused-plan_forgets = The plan forgets members of { $branch }: { $members }. Remake it with remake-plan, and have it approved again.
refused-plan_forgets_cases = The plan forgets open transfers at { $branch }: { $cases }. Remake it with remake-plan, and have it approved again.
refused-plan_not_approved = The plan of { $planned } for { $branch } is not approved: a second person does it with approve-plan.
refused-plan_open = A plan for { $branch } is open since { $planned }: remake it, or withdraw it first.
refused-proposal_rejected = The proposal of { $branch } was turned down on { $rejected }: propose it again.
refused-second_person_needed = Who planned the reorganisation of { $branch } cannot approve it alone: name the second person with --approver.
refused-sources_unfit = { $sources } { $sources ->
    [one] branch
   *[other] branches
} cannot be reorganised so: a split or dissolution takes one, a merger or move one or more, each once.
refused-succeeds_another = { $branch } takes the place of { $other } already.
refused-target_ends = { $branch } ends with the plan itself: send nobody there.
refused-target_missing = Nothing says where the members of { $branch } go: name a branch that takes over.
refused-target_unknown = There is no branch { $code } to go to, nor does the plan form one.
    .hint = rollbook tree lists the branches; a plan forms another one with --forms.
refused-term_ends_early = A term until { $term_until } would be over on { $effective } already.
    .hint = Choose a later end of the term.
refused-term_too_long = A term until { $term_until } is longer than the rules allow: it may end on { $latest } at the latest.
refused-already_dissolved = { $branch } was dissolved on { $dissolved } already.
    .hint = Another day, reason or successor would need a correction.
refused-already_closed = { $host } was closed on { $closed } already.
refused-already_corrected = The event at { $position } does not count any more: correct what stands in its place; `timeline` shows it.
refused-already_related = { $from } and { $to } are so related, or were proposed to be, since { $since }.
    .hint = End that relation first: rollbook end-relation
refused-approver_needed = That { $person } and { $other } are not the same takes a second person.
    .hint = Name one who is neither of them with --approver.
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
refused-other_alive = { $person } died, from { $died } on, and { $other } is on record as alive.
    .hint = If both are the same, the other one died too: rollbook record-death, then merge them.
refused-both_members = { $person } is a member of { $branch } while { $into } is a member too.
    .hint = End one of the two memberships first, with the reason duplicate.
refused-beyond_today = { $to } is later than today, { $today }: nobody knows yet what will fall due.
    .hint = Advance the clock to today, or look ahead: rollbook due --within DAYS
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
    .hint = Choose an effective date between them.
refused-clock_ahead = The clock stands on { $advanced } already, and never goes back to { $to }.
    .hint = Advance it to that day or a later one.
refused-code_taken = The code { $code } belongs to a branch that was formed on { $formed }.
    .hint = Codes are never used again: choose another one, like { $code }#2.
refused-corrected_too_often = The event at { $position } has been corrected { $depth_max } times over; retract it and record the fact anew.
refused-corrected_twice = The event at { $position } is named twice; name it once.
refused-cycle = { $branch } cannot come under { $parent }: from { $day } on it would be under itself.
    .hint = Move { $parent } elsewhere first.
refused-covered_by_another = { $other } is the branch that counts for { $host }, since { $since }.
    .hint = Detach the host there first, or attach it with --rank secondary.
refused-default_kind_unknown = The rules name { $kind } as the default kind, and have no such kind.
    .hint = Add the kind to the rules, or name another default.
refused-ends_unfit = No relation { $relation } is possible between these two.
    .hint = `rollbook propose-relation --help` says which body may be what to which.
refused-family_mismatch = The event at { $position } cannot be replaced by one about a { $family }: retract it, and record the other where it belongs.
refused-extended_already = The probation of { $person } was extended already, until { $until }.
    .hint = Confirm the member from that day on, or cancel the probation.
refused-extension_out_of_range = A probation is extended by { $months_min } to { $months_max } months, not by { $months }.
    .hint = Choose a number of months between the two.
refused-held_by_another = The post { $role } at { $branch } is held by another since { $since }.
    .hint = Take the holder out of it first: rollbook leave-post
refused-home_needed = A membership in the state { $state } needs a home.
    .hint = Name the branch with --branch.
refused-home_stays = { $person } is at home at { $branch } and stays there.
    .hint = Leave --branch out; a transfer moves the home.
refused-home_there = { $person } is at home at { $branch }, so there is no second place.
    .hint = Choose another branch.
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
refused-identity_in_doubt = { $person } may be the same as { $other }, which is not decided yet.
    .hint = rollbook merge-persons if they are the same, rollbook declare-distinct with --approver if not.
refused-joint_needs_two = { $branch } would be a joint branch over { $hosts ->
        [0] no host
        [one] one host
       *[other] { $hosts } hosts
    }; it takes two.
    .hint = Name the other hosts too, or choose --mode standalone.
refused-kind_may_not_admit = { $branch } is a { $kind }: such branches admit nobody.
    .hint = Admit the person to another branch, then transfer.
refused-kind_not_home = { $branch } is a { $kind }: such branches hold no memberships. A secondary place there is possible instead.
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
refused-merged_already = { $person } goes by the id { $into } already.
    .hint = rollbook unmerge-persons undoes that.
refused-no_applications = The rules “{ $rules }” know no application.
    .hint = rollbook admit-member takes a person in at once.
refused-no_home = { $person } has no home on { $effective }, so there is no place beside it.
    .hint = rollbook change-state or restore-membership gives the membership a home first.
refused-no_membership = { $person } has no open membership on { $effective }.
    .hint = rollbook admit-member or apply-for-membership begins one.
refused-not_merged = { $person } does not go by the id { $from }.
    .hint = rollbook timeline --person ID shows what is found of the person.
refused-not_on_probation = { $person } is not on probation on { $effective }.
    .hint = rollbook timeline --person ID shows in which states the membership was.
refused-nothing_to_change = Nothing is named that should change.
    .hint = Name at least one: --name, --kind, --ownership, --staff, --area, --key-posts
refused-not_a_member = { $person } is no member of { $branch } on { $effective }.
    .hint = rollbook timeline --person ID shows where the person was.
refused-not_covered = { $branch } does not cover { $host } on { $effective }.
    .hint = rollbook timeline --branch { $branch } tells which hosts it covered, and when.
refused-not_employed = { $person } does not work at { $host } on { $effective }.
    .hint = rollbook timeline --host { $host } tells who works there, and since when.
refused-not_proposed = Nobody proposed that { $from } and { $to } be so related.
    .hint = Propose it first: rollbook propose-relation
refused-not_related = { $from } and { $to } are not so related, nor proposed to be.
    .hint = rollbook timeline tells the relations of a body, and since when.
refused-on_trial = The probation of { $person } lasts until { $until }.
    .hint = Confirm the member from that day on, or extend or cancel the probation.
refused-ownership_unknown = The rules have no ownership { $ownership }.
    .hint = state, collective, private, foreign and mixed are those of the presets.
refused-not_at_home = { $person } is not at home at { $branch } on { $effective }, and the rules ask for it.
    .hint = Admit or transfer the person to the branch first.
refused-not_correctable = The event at { $position } ({ $kind }) cannot be corrected so; a retraction can only be retracted, and the ledger, its rules and registrations stand.
refused-not_full_member = { $person } is not a full member from { $effective } on, and the rules ask for one in a post at { $branch }.
    .hint = Choose somebody else, or wait until the member is a full one.
refused-not_held = { $person } does not hold the post { $role } at { $branch } on { $effective }.
    .hint = rollbook roster --branch { $branch } shows who holds which post.
refused-nothing_to_correct = No event is named; name some with --retract, --redate or --replace.
refused-parent_dissolved = { $branch } is dissolved from { $dissolved } on: nothing can be under it.
    .hint = Choose another parent.
refused-parent_unknown = There is no branch { $branch } to be under.
    .hint = rollbook tree lists the branches.
refused-party_gone = { $party } is gone from { $gone } on.
    .hint = Choose an effective date before that day, or another body.
refused-party_not_yet = { $party } is there from { $begins } on only.
    .hint = Choose an effective date on or after that day.
refused-party_unknown = There is no body { $party }.
    .hint = rollbook tree lists the branches, rollbook search TEXT finds others.
refused-person_dead = { $person } is recorded as dead from { $died } on.
    .hint = Another day is a matter of a correction.
refused-person_died = { $person } died; the first day without the person is { $died }.
    .hint = Check whether you mean somebody else.
refused-probation_over = The probation of { $person } ended on { $ended }, and nothing is decided yet.
    .hint = Decide before a letter is issued: rollbook change-state confirms, extend-probation extends, cancel-probation ends it.
refused-person_merged = { $person } goes by the id { $into }.
    .hint = Use that id, or undo the merge with rollbook unmerge-persons.
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
    .hint = End a relation on the way first: rollbook end-relation
refused-relations_left = { $branch } still has { $relations } { $relations ->
        [one] relation
       *[other] relations
    } to other bodies.
    .hint = End them first: rollbook end-relation
refused-rules_contradict = The values of the rules do not fit together: { $key } ({ $problem }).
    .hint = rollbook policy check FILE tells what is wrong, and in which line.
refused-already_accepted = { $branch } accepted the letter { $letter } on { $since } already; what remains is its receipt (receipt-transfer).
refused-appealed_before = There was an appeal about the letter { $letter } on { $since } already; it can be issued anew, diverted or withdrawn.
refused-cases_left = { $branch } still is a side of { $cases } open { $cases ->
    [one] transfer
   *[other] transfers
}: divert-transfer, return-transfer or withdraw-transfer ends them.
refused-destination_unclear = A letter has one destination: a branch (to), or a body outside the ledger (body).
refused-letter_diverted = The letter { $letter } was diverted to { $to } on { $since }; that branch answers it.
refused-letter_expired = The last day of the letter { $letter } was { $last_day }; the origin can issue it anew (reissue-transfer).
refused-letter_good = The letter { $letter } is good still (last day: { $last_day }); it can be voided if it was lost (void-letter).
refused-letter_replaced = The letter { $letter } was replaced by { $by }; that one counts.
refused-letter_taken = Another letter has the number { $letter }; a number is used once.
refused-letter_unknown = No letter has the number { $letter }; issue-transfer issues one.
refused-no_appeal = No appeal about the letter { $letter } waits for a decision; appeal-transfer makes one.
refused-not_due = That is not due for the letter { $letter }{ $due ->
    [none] {""}
   *[other] {" "}before { $due }
}; by hand, withdraw-transfer and divert-transfer are open to the origin.
refused-not_superior = { $branch } is not the nearest branch over both sides{ $superior ->
    [none] ; that is the body as a whole
   *[other] ; that is { $superior }
}.
    .hint = Appeal without --to: it goes to the nearest branch over both sides, or to the whole body.
refused-not_suspended = The deadlines of the letter { $letter } run; suspend-transfer lets them stand still.
refused-origin_not_home = { $person } is not at home at { $branch } on { $effective } any more; the transfer has to be withdrawn (withdraw-transfer) and issued by the home.
refused-other_destination = The letter { $letter } goes to { $to }; divert-transfer sends it elsewhere.
refused-reissues_used = The letter { $letter } cannot be issued anew more often than { $reissues_max } { $reissues_max ->
    [one] time
   *[other] times
}; withdraw-transfer ends the case, and issue-transfer begins another one.
refused-return_note_missing = The reason { $reason } needs a note that says by a code what it stands for.
refused-return_reason_unknown = The rules know no reason { $reason } for a return; they know { $reasons }.
refused-transfer_open = A transfer of { $person } on the letter { $letter } is open ({ $phase }); next comes { $acts }.
refused-transfer_phase = The transfer on the letter { $letter } is { $phase } since { $since }; next can come { $acts }.
refused-same_party = { $party } cannot be related to itself.
refused-same_branch = Origin and destination are both { $branch }.
    .hint = Name another destination.
refused-same_person = { $person } cannot hand a post over to themselves.
refused-one_person = { $person } is one person; two must be named.
    .hint = Name another one with --other.
refused-several_memberships = { $person } has several open memberships on { $effective }, so it is not clear which one is meant.
    .hint = End those that do not hold any more.
refused-stands_alone = { $branch } would stand alone at { $hosts ->
        [0] no host
       *[other] { $hosts } hosts
    }; alone means at one.
    .hint = Choose another --mode: joint_by_industry, led_by_firm, by_region or online.
refused-state_not_for_applications = No application begins in the state { $state }.
    .hint = Choose one of { $states }.
refused-state_unknown = The rules know no state { $state }.
    .hint = Choose one of { $known }.
refused-state_without_home = Nobody is admitted into the state { $state }.
    .hint = Choose one of { $states }.
refused-step_not_allowed = The rules lead no step from { $from } to { $to }.
    .hint = From there they lead to: { $allowed }.
refused-too_many_hosts = { $branch } would be a joint branch over { $hosts } hosts; the rules allow { $hosts_max }.
refused-successor_unknown = There is no branch { $branch } to take over.
    .hint = Form it first, or leave it out.
refused-timeline_clashes = The timeline would contradict itself { $count ->
        [one] once
       *[other] { $count } times
    }: { $clashes }. Correct what is named there in the same command, or record it differently first.

## What cannot be read, in a file or a field

failure = error: { $message }
failure-cause = { "  " }because: { $cause }
failure-hint = { "  " }hint: { $hint }
failure-in-file = { $path }, line { $line }, field “{ $field }”: { $problem }
failure-in-field = Field “{ $field }”: { $problem }

problem-choice_unknown = there is no such choice.
    .hint = The field's help lists the choices.
problem-date_malformed = not a date that exists; dates are written like 2024-05-01.
problem-cell_too_long = it is too long: no cell has more than 500 characters.
problem-cells_differ = it has more or fewer cells than the first line has columns.
problem-column_missing = the first line must name this column: person and letter are needed.
problem-column_unknown = the first line names the columns, each once: person, from, to, body, letter, effective.
problem-field_malformed = it cannot be read.
problem-field_missing = it is missing.
problem-field_repeated = it is given twice.
problem-field_unknown = there is no such field.
    .hint = The command's help lists its fields.
problem-file_too_large = the file is larger than 16 MiB; divide it.
problem-id_malformed = not an id.
problem-key_reserved = keys that begin with import:, framework: or init are given by Rollbook itself
problem-kind_unknown = there is no such kind of fact.
problem-line_too_long = longer than { $bytes_max } bytes; no fact is.
problem-not_a_fact = not a JSON object with the fields of a fact.
    .hint = A fact has seq, date, kind and organisation, and the fields of its kind, each once.
problem-not_toml = not TOML.
problem-names_nothing = there is no { $what } { $given }.
problem-not_json = not JSON.
problem-not_the_destination = it differs from the destination.
problem-not_utf8 = not UTF-8.
problem-number_malformed = not a whole number from 0 to 4294967295.
problem-pairs_malformed = not a list of pairs, separated by commas.
problem-party_ambiguous = both a branch and a host have that code.
    .hint = Write branch:CODE or host:CODE.
problem-year_malformed = not a year of birth, like 1990.
problem-setting_choice = “{ $given }” is no value of it.
    .hint = It takes: { $expected }
problem-setting_not_text = a text in quotation marks belongs here.
problem-setting_unknown = there is no such setting.
    .hint = The settings are: { $expected }
problem-rule_unknown = the rules have no such key.
    .hint = rollbook policy show lists the keys.
problem-rule_malformed = it is not as this rule needs it, or something is missing in it.
problem-rules_missing = a file with several rule sets has a table [[rules]] for each.
problem-rules_date = a day belongs here, like 2026-01-01.
problem-rules_empty_period = from { $from } until { $until } there is no day; the second is the first day after.
problem-rules_gap = from { $until } until { $from } no rules would be in force.
    .hint = Let each rule set end on the day on which the next one begins.
problem-rules_overlap = from { $from } until { $until } two rule sets would be in force.
    .hint = Let each rule set end on the day on which the next one begins.
problem-rules_end = after { $until } no rules would be in force.
    .hint = Leave `until` out of the last rule set.
problem-code_twice = a code stands twice.
problem-days_missing = what silence brings is said, and not after how many days.
problem-kind_not_listed = it names a kind of branch that the rules do not list.
problem-last_has_end = the last bracket must be open: leave its base_max out.
problem-min_over_max = the least is more than the most.
problem-not_rising = the bounds must rise.
problem-source_without_value = a source is given for a value that is not there.
problem-state_unknown = it names a state that the rules do not list.
problem-zero = 0 would be over as soon as it begins; leave it out to ask nothing.
problem-text_malformed =
    empty, too long, or with control, bidirectional or zero-width characters.

## What is wrong with a command line

usage-choice_unknown = “{ $given }” is no value of { $argument }.
    .hint = It takes: { $expected }
usage-amount = “{ $given }” is no amount: write it like 3000 or 3000.50.
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
usage-empty_name = A name must have a visible character.

## Errors

error-another_rebuild = Another process is rebuilding the tables of { $place }.
    .hint = Wait until it is done. Reading and recording go on meanwhile.
error-another_writer = Another process is writing to { $place }.
    .hint = Wait until it is done. Reading goes on meanwhile.
error-plan_differs = The plan was made for another file, source or ledger; nothing was recorded.
    .hint = Make a plan of this file: rollbook import plan FILE --out PLAN
error-plan_stale =
    The plan was made at position { $base }; { $moved } of the things that it rests on moved since, from position { $first } on.
    Nothing was recorded.
    .hint = Make the plan again, in one step, and look at its report: rollbook import plan FILE --out PLAN
error-plan_unreadable = { $path } holds no plan of an import.
    .hint = Make one: rollbook import plan FILE --out PLAN
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
error-export_cut_off = { $path } is cut off after line { $lines }. Nothing was taken over.
    .hint = Export the events again, or fetch the whole file.
error-export_damaged = { $path } is not as it was recorded, from position { $position } on (line { $line }). Nothing was taken over.
    .hint = Export the events again, or use another copy.
error-export_line = { $path } is not as it was written, from line { $line } on. Nothing was taken over.
    .hint = Export the events again, or use another copy.
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
error-not_an_export = { $path } is no export of events that this program knows.
error-not_a_backup = { $path } holds no backup that this program knows.
error-other_file = { $path } is not the file that was backed up. Nothing was restored.
    .hint = Use another copy of the backup.
error-target_exists = There is something at { $path } already; it was left as it is.
    .hint = Name another place.
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
    .hint = Are you allowed to write there? Nothing was changed.
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
demo-gap-placed = a member held until a branch is found
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
demo-once = 8. Merged, split, sent back, corrected
demo-once-text =
    A reorganisation is planned, a second person approves of it, and then it is
    executed at once or not at all. A letter may run out, or come back. What was
    recorded wrongly stays in sight, and its correction stands beside it.
demo-turn-planned = a { $form } was planned
demo-turn-formed = was formed by that plan
demo-turn-dissolved = ended by that plan
demo-turn-issued = a letter went to { $to }
demo-turn-expired = the letter ran out
demo-turn-reissued = it was issued anew
demo-turn-accepted = { $to } accepted it
demo-turn-returned = the letter came back: { $reason }
demo-turn-ended = left, as the paper was read
demo-turn-corrected = left, as the paper said: corrected
demo-once-corrected = How many members did { $branch } have when { $day } ended?
demo-once-before = { $members }  as known before the correction, at position { $position }
demo-once-now = { $members }  as known since, at position { $position }
demo-next = Look around in it:
demo-commands =
    export ROLLBOOK_LEDGER={ $file }
    { $program } coverage --as-of 2016-12-31 --by area
    { $program } gaps --kind nobody_responsible
    { $program } timeline --branch { $branch }
    { $program } roster --branch { $branch } --names --purpose tour
    { $program } timeline --branch { $merged }
    { $program } timeline --branch { $split }
    { $program } timeline --person { $reissued }
    { $program } timeline --person { $returned }
    { $program } diff --known-at { $before } --and { $since } --as-of { $day }
    { $program } verify

search-without-purpose = Persons are looked for with --purpose only.
found-branch = branch
found-person = person
duty-contract = contract at { $host }
duty-months = works long at { $host }
renamed-person = { $person } has another name in the vault.
