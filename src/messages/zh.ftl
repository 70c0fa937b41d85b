# 供人阅读的全部文字，简体中文。代码与 JSON 键名一律不译。
# 一条消息可以带 .hint：解决办法。键名与参数同 en.ftl 一一对应。

## 帮助

help-usage = 用法：
help-commands = 命令
help-options = 选项
help-group-begin = 入门：
help-group-ask = 查询：
help-group-field = 覆盖面：
help-group-tend = 待办：
help-group-transfers = 转接：
help-group-record = 记录：
help-group-check = 检查：
help-group-keep = 转移与保存：
help-group-program = 程序本身：
help-after =
    每个查询都可用 --as-of DATE（某日的实情；`flows` 改用 --from 和 --until）和 --known-at INSTANT|POSITION（当时所知）。
    `rollbook COMMAND --help` 说明一个命令，`rollbook help exit-codes` 列出退出码。
help-exit-codes = 退出码：
help-choices = { $help }：{ $choices }

exit-ok = 一切正常；导入报告中列有被拒绝的事实时也是如此
exit-failed = 程序之外出了故障
exit-usage = 请求或其指定的文件无法按应有的格式读取
exit-tampering = 存储的内容与当初写入的不符
exit-incomplete = 核验未能完成
exit-refused = 规则不允许
exit-conflict = 与已有内容相冲突
exit-not_found = 账本中没有所指的对象
exit-not_permitted = 此处不允许这样做，例如位置只读
exit-no_ledger = 该位置没有账本
exit-another_writer = 另有进程正在写入此账本或重建其数据表
exit-wrong_key = 缺少密钥，或密钥打不开保密库
exit-interrupted = 已中断；已确认的内容均已保留

command-rollbook =
    Rollbook 记载谁在何处有组织关系、始于何时，以及何人何时得知。
command-demo = 一座虚构的城市，两年的历史，以及可以向它提出的问题
command-init = 建立账本，连同保密库和密钥
command-import = 接收另一份登记册的记录
command-import-plan = 读取文件，说明导入结果，并写出供 import facts --plan 执行的计划
command-import-facts = 导入注明日期的事实文件，每行一个 JSON 对象，可经 gzip 压缩
command-import-events = 在空位置用任一引擎导出的事件文件建立账本；其中不含保密库，保密库由备份转移
command-export = 输出记录
command-export-events = 按记录时的字节写出全部记录；其中不含保密库，保密库由备份转移
command-backup = 在他人照常记录时将整个账本复制到新目录：事件与保密库，不含密钥
command-restore = 在空位置由备份建立账本，核验无误后才算完成
command-headcount = 各支部有多少会员？附 --from 与 --until：期间内每一天各有多少？
command-totals = 整个组织规模多大？
command-roster = 谁属于哪个支部，担任什么？
command-inbox = 支部有哪些介绍信待答复，何时到期？
command-outbox = 支部开具的哪些介绍信尚未办结？
command-waiting = 哪些成员在转接途中，已几天？
command-overdue = 哪些转接已逾期未办？
command-tree = 支部之间的隶属关系如何？
command-branches = 各组织现状如何，何事到期？
command-posts = 各职务由谁担任，任期到何时，哪些空缺？
command-coverage = 覆盖情况如何？
command-gaps = 覆盖在何处达不到规则的要求？
command-responsible = 谁对依托单位负责，通过哪条线？
command-lifespans = 支部能存续多久？
command-flows = 一段时间内，谁加入、转接、离开？
command-timeline = 某位会员、某个支部或依托单位经历了什么？
command-diff = 对某一天的说法，前后两次所知有何不同，为何不同？
command-transfer-batch = 按一份文件为多名成员开具介绍信：person、from、to、letter、effective
command-log = 全部事件，按记录的先后排列
command-due = 哪些事项已到期或即将到期？
command-clock = 时钟：推进时记录到期事项
command-clock-advance = 记录截至某日到期的事项
command-screening = 排查某组织及其下级的各项关系，并记录本轮排查
command-policy = 规则：查看、检查文件、计算党费会费
command-policy-show = 现行的每条规则：键、值和所依据的来源
command-policy-check = 检查规则文件，不作采用
command-policy-dues = 按现行规则某一基数应缴多少
command-status = 账本处于什么状态？
command-verify = 一切是否与当初写入的一致？
command-rebuild = 在旧表照常使用时重建投影的表，比对后切换
command-do = 按名称执行命令，各字段写作 key=value
command-help = 说明一个命令或主题：exit-codes
command-completions = 输出 shell 补全命令行所需的脚本
command-config = 查看设置
command-config-show = 现行设置，以及各自的出处
command-man = 手册：一页，或在目录中每个命令一页
command-admit-member = 接收一人加入支部
command-apply-for-membership = 登记入会（党）申请
command-assign-secondary-place = 安排成员同时参加另一支部的组织生活
command-cancel-probation = 取消预备资格并终止其会籍
command-change-state = 变更会籍状态
command-declare-distinct = 认定两人不是同一人，须有复核人
command-end-mobility = 登记外出成员已返回
command-end-secondary-place = 结束成员在另一支部的组织生活
command-extend-probation = 延长预备期
command-merge-persons = 将同一人的两份登记合并
command-record-death = 登记人员去世
command-register-mobility = 登记成员外出流动，组织关系不变
command-report-contact-lost = 登记与成员失去联系
command-report-contact-regained = 登记与成员恢复联系
command-restore-membership = 恢复会籍
command-stop-membership = 停止会籍
command-suspect-duplicate = 登记两人疑为同一人
command-unmerge-persons = 撤销两人的合并
command-accept-relation = 接受已提出的关系：自该日起成立
command-abandon-winding-up = 终止对组织的清理，予以保留
command-approve-branch = 批准拟成立的组织，组织随即成立
command-approve-plan = 由另一人批准组织调整方案
command-change-branch-kind = 变更组织的类别，仍为同一组织
command-declare-successor = 声明某组织接续已撤销的组织
command-elect-officer = 选举某人任职，任期一届
command-end-acting = 结束代理职务
command-execute-plan = 执行组织调整方案：全部一次完成，否则全不执行
command-name-acting = 指定某人代理空缺职务
command-plan-reorganisation = 拟定合并、拆分、撤销或改隶方案，逐人列明去向
command-propose-branch = 提请成立组织
command-reject-branch = 不批准拟成立的组织
command-remake-plan = 按现有成员重新拟定组织调整方案
command-resume-branch = 恢复暂停活动的组织
command-start-winding-up = 开始清理组织：不再接收任何人
command-suspend-branch = 暂停组织活动：不再接收成员，原有成员仍计入
command-withdraw-plan = 撤回组织调整方案
command-attach-hosts = 把依托单位归入支部，自该日起由其覆盖
command-change-host = 自某日起变更依托单位的部分情况
command-close-host = 关闭依托单位，其用工和关系随之结束
command-define-area = 定义依托单位所在的区域
command-detach-hosts = 使依托单位脱离支部；支部的会员保留
command-employ-member = 登记人员在依托单位工作，或改任其他岗位
command-end-employment = 登记人员不再在依托单位工作
command-end-relation = 结束关系，或拒绝已提出的关系
command-propose-relation = 提出两个组织之间的关系
command-register-host = 登记依托单位：支部所依托、会员所工作的企业或单位
command-adopt-policy = 采用一套规则
command-correct-events = 更正已记录的事项：并无此事、日期有误，或另有其事
command-dissolve-branch = 撤销支部
command-end-membership = 终止会籍
command-form-branch = 成立支部，隶属另一支部或直属顶层
command-hand-over-post = 将职务由一人移交给另一人
command-leave-post = 免去一人的职务
command-move-branch = 将支部改隶另一支部，或直属顶层
command-register-person = 登记人员；个人信息存入保密库
command-rename-branch = 支部更名
command-take-post = 由一人担任支部的职务
command-transfer-member = 将会员的组织关系转接到另一支部，转出与转入一并记录
command-accept-transfer = 凭介绍信接收成员，组织关系随之转入
command-accept-transfer-by-rule = 按规则将逾期未答复视为接收
command-appeal-transfer = 就介绍信被退回提出申诉
command-decide-appeal = 对退回的申诉作出决定
command-divert-transfer = 将介绍信改转另一支部
command-escalate-transfer = 接收方逾期未答复时报共同上级
command-expire-transfer = 记录介绍信过期
command-issue-transfer = 为转出的成员开具介绍信
command-present-transfer = 将介绍信交接收方
command-receipt-transfer = 记录回执，转接办结
command-receive-external = 接收账本以外组织的介绍信
command-reissue-transfer = 以新编号重新开具介绍信
command-resume-transfer = 恢复转接计时
command-return-transfer = 退回介绍信并说明原因
command-suspend-transfer = 中止转接计时
command-void-letter = 将遗失的介绍信作废
command-withdraw-transfer = 撤回介绍信，成员留在原支部
command-duties = 哪些成员应当将组织关系转到工作单位？
command-members = 哪些成员需要关注：失联、流动、预备期满、身份存疑？
command-rename-person = 在保密库中更改人员姓名
command-search = 查找支部（编号、代码、名称）或人员（编号、代号、姓名）

option-help = 显示本帮助
option-version = 显示版本
option-ledger = 账本：sqlite:PATH 或 postgres://USER@HOST/DATABASE。默认：ROLLBOOK_LEDGER，否则为当前目录的文件（sqlite:rollbook.db）
option-key = 保密库的密钥文件。默认：ROLLBOOK_KEY，否则在账本旁边
option-vault = 保密库文件。默认：ROLLBOOK_VAULT，否则在账本旁边；数据库则在当前目录，以其名命名
option-lang = 语言，en 或 zh。默认：ROLLBOOK_LANG，否则按区域设置，否则 en
option-config =
    设置文件：TOML 中的 ledger、key、vault、lang 和 log。
    默认：ROLLBOOK_CONFIG，否则 ~/.config/rollbook/config.toml
option-origin = 显示各项设置的出处
option-shell = 命令行外壳：bash、elvish、fish、powershell 或 zsh
option-directory = 各页写入的目录；不填则输出一页
option-json = 以一个 JSON 值作答
option-ndjson = 每行以一个 JSON 值作答
option-quiet = 省略附带说明
option-no-input = 从不提问（Rollbook 目前不提任何问题）
option-preset = 首套规则：association（默认）、party 或 union
option-zone = 日期所用的时区，例如 Europe/Zurich。默认：本机时区
option-file = 文件
option-backup-directory = 备份所在的目录
option-export-file = 要建立的文件；不填则输出到标准输出
option-out = 计划写入何处
option-plan = 要执行的计划；若属另一文件，或所依据的内容已变动，则拒绝
option-source = 文件中的代号和行所归入的来源名称。默认：main
option-dry-run = 只显示将会记录什么，不作任何记录
option-all = 显示报告的每一行
option-scale = 并列多少座这样的城市，供测量用。默认：1
option-branch = 一个支部，按代码或标识
option-by = 只看此维度：kind、ownership、size_band、area、responsible、line、mode 或 age_band
option-list = 数字背后的名单：hosts、not_public、organised、standalone、joint、online、
    work_covered、branches 或 members
option-value = 该维度中只看此值，写法同 --json
option-kind = 只看此类缺口，写法同 --json
option-nobody = 只看无人负责的依托单位
option-host = 一个依托单位，用代码或标识
option-person = 一名人员，按标识或代号（用代号须附 --purpose）
option-as-of = 所问的日期，例如 2024-05-01。默认：账本时区的今天
option-known-at = 截至何时所知：时刻（如 2024-05-01T12:00:00Z）或序号
option-day-rule = 一天之中以何时为准：end-of-day（默认）或 any-moment
option-due = 只列有事项到期者
option-vacant = 只列空缺者
option-at-hosts = 各单位的关键岗位及由哪些成员担任
option-of = 以什么计存续：branch（支部，默认），或 name（名称）：更名即另起一段
option-branch-kind = 只看一种类型的支部，填类型代码
option-from = 期间的第一天，例如 2024-01-01
option-until = 期间之后的第一天，例如 2025-01-01
option-period = 期间如何分段：none（默认）、month、quarter 或 year
option-by-branch = 逐一列出什么：branch（支部）；并附支部之间的转接矩阵
option-days-by-branch = 逐一列出什么：branch（支部）；不填则合计
option-names = 从保密库取出并显示人员的姓名或代号；须附 --purpose
option-purpose = 读取姓名的用途；随读取一并记录，其中不得写入人名
option-after = 从此序号之后开始
option-and = 两者中较晚的一个：时刻或序号。默认：现在
option-all-or-nothing = 除非每一行都能记录，否则一行也不记录
option-limit = 最多显示的事件数。默认：50
option-command = 命令
option-fields = 字段及其值
option-effective = 生效日期。默认：账本时区的今天
option-authority = 所依据的凭据，写其文号
option-approver = 复核人，按标识或代号，规则要求时填写
option-because = 事实的日期为何远在过去，以代码表示：late_paper、correction……
option-idempotency-key = 自定的幂等键：同一命令用同一键只记录一次
option-projection = 投影，如 memberships。默认：全部
option-back = 让上次重建之前使用的表重新启用
option-replace = 即使正在使用的表内容不同，也予以替换
option-advance-to = 时钟推进到哪一天。默认：今天
option-within = 也列出多少天之内到期的事项。默认：0
option-held = 列出已进行的排查
option-amount = 金额，如 3000 或 3000.50
option-corrections-file = 以 JSON 文件代替各列表：“retract”列位置，“redate”列含“position”和“effective”的对象，“replace”列含“position”和“by”（另有不同的字段）的对象，以及“reason”
option-policy-file = 本组织自己的规则文件（TOML），代替预设
option-topic = 命令，或 exit-codes
option-members-list = 名单：out-of-contact、mobile、probation-due 或 in-doubt
option-text = 编号、代号，或现名、曾用名中的文字
option-name = 今后的姓名；原姓名作为曾用名保留

field-birth_year = 出生年份；存入保密库；账本只记其所在的五年
field-by = 提请的单位或组织：branch:代码、host:代码，或仅一方使用的代码
field-form = 组织调整的形式
field-forms = 一并成立的组织，写作 代码:名称，以逗号分隔
field-lines = 个别成员的去向，写作 人员=代码，以逗号分隔
field-sources = 被调整的组织，代码或编号，以逗号分隔
field-successor_of = 所接续的已撤销组织
field-term_until = 任期届满的次日。默认：按规则
field-area = 所在区域的代码，须先定义
field-contract = 是否签有劳动合同。默认：不变
field-host = 依托单位，用代码或标识
field-hosts = 依托单位，用代码或标识，以逗号分隔
field-key_posts = 应由会员担任的岗位代码，以逗号分隔
field-mode = 支部在其依托单位上的组建方式
field-months = 多少个月
field-other = 另一人，用编号或代号；合并时以此人编号为准
field-ownership = 所有制代码，按规则所列
field-place = 成员所在地的代码
field-post = 岗位代码，限于计入的岗位
field-rank = 该支部是否为计入这些单位的支部。默认：primary
field-relation = 第一个组织对第二个组织的关系
field-staff = 员工人数
field-branch = 支部，按代码或标识
field-code = 供人使用的代码；永不重复使用
field-effective = 生效日期。默认：账本时区的今天
field-email = 电子邮箱；存入保密库
field-formed_from = 由哪些支部合并或拆分而来，以逗号分隔
field-from = 原支部，按代码或标识
field-handle = 为人所知的编号或代号；存入保密库
field-identity_number = 身份证件号码；存入保密库
field-into = 承接的支部，以逗号分隔
field-kind = 类型的代码。默认：按规则
field-name = 名称
field-parent = 上级支部，按代码或标识；直属顶层则不填
field-person = 人员，按标识或代号
field-phone = 电话号码；存入保密库
field-preset = 规则：association、party 或 union
field-reason = 原因
field-holder = 现任职者
field-redate = 日期有误的事项：位置=日期，以逗号分隔
field-replace = 另有其事的事项：位置:字段=值,…，以分号分隔
field-retract = 并无其事的事项的位置，以逗号分隔
field-state = 状态代码，须为规则所列
field-successor = 接任者
field-role = 职务的代码，例如 chair
field-title = 名称之外供人阅读的称谓
field-to = 新支部，按代码或标识
field-body = 账本以外的组织，按代码
field-good_until = 外部组织介绍信上写明的最后有效日
field-letter = 介绍信编号
field-new_letter = 新介绍信的编号
field-note = 原因所指，以代码表示
field-verdict = 是否撤销退回

## 每个答案上方的一行

place = { $valid_on } 有效 · 截至序号 { $known_at } 所知 · { $day_rule }
place-scheduled = 预定于 { $valid_on } · 截至序号 { $known_at } 所知 · { $day_rule }
place-diff = 有效于 { $valid_on } · 所知截至序号 { $then } 与 { $now }
place-period = { $from } 起至 { $until } 前一日 · 截至序号 { $known_at } 所知
place-period-scheduled =
    预定于 { $from } 起至 { $until } 前一日 · 截至序号 { $known_at } 所知
place-days =
    { $from } 起至 { $until } 前一日，逐日 · 截至序号 { $known_at } 所知 · { $day_rule }
place-days-scheduled =
    预定于 { $from } 起至 { $until } 前一日，逐日 · 截至序号 { $known_at } 所知 · { $day_rule }
day-rule-end_of_day = 以当日结束时为准
day-rule-any_moment = 当日任一时刻成立即计入

## 答案

head-branch = 支部
head-name = 名称
head-kind = 类型
head-members = 会员
head-what = 项目
head-number = 数量
head-meaning = 含义
head-value = 值
head-role = 职务
head-host = 单位
post-no-member = 无成员担任
head-since = 起始
head-person = 人员
head-member = 会员
head-effective = 生效日期
head-event = 事件
head-share = 占比
head-by = 维度
head-staff = 员工
head-instance = 例如
head-quarter = 季度
head-gap = 缺什么
head-falls-due = 到期事项
head-state = 状态
head-term = 任期至
head-answers-by = 责任线
head-body = 责任组织
head-code = 代码
head-actor = 登记人
head-paper = 凭据
head-position = 序号
head-recorded = 记录时间
head-source = 来源
head-formed = 成立
head-dissolved = 撤销
head-day = 日期
head-days = 天数
head-at-risk = 在险
head-ended = 终止
head-survival = 存续率
head-from = 起
head-until = 止（不含）
head-before = 期初
head-joined = 加入
head-left = 离开
head-moved = 转接
head-moved-in = 转入
head-moved-out = 转出
head-after = 期末
head-out-of = 由
head-into = 到
head-line = 行
head-outcome = 结果
head-reason = 原因
head-then = 原先
head-now = 现在
head-difference = 差额
head-change = 变化
head-finding = 问题
head-detail = 详情
head-setting = 设置
head-origin = 出处
head-letter = 介绍信
head-to = 转往
head-phase = 阶段
head-acts = 待办方
head-due = 到期日
head-overdue = 逾期天数

head-rule = 规则
head-what-due = 到期事项
head-about = 对象
head-recorded-due = 记录情况
head-held = 日期
head-branches = 组织数
definition-due =
    天数：已到期多少天；负数：还有多少天到期。记录：时钟是否已推进过该日；
    查询不作任何记录：rollbook clock advance
empty-due = 据当时所知，该日没有到期事项。
due-recorded = 已记录
due-not-recorded = 已到期，尚未记录
due-ahead = 尚未到期
due-under_strength = 正式成员少于规定人数
due-over_size = 成员多于规定人数
due-committee_to_elect = 正式成员已达规定人数，应选举产生支部委员会
due-joint_with_one_host = 联合组织只剩一个依托单位
due-hosts_gone = 依托单位已不存在，应予撤销
due-life_over = 存续期已满，应予撤销
due-idle = 长期没有活动
due-term_ends = 任期即将届满
due-term_over = 任期已满，应当换届
due-vacant = 职务空缺
due-probation_over = 预备期已满，应作出决定
due-out_of_contact = 失去联系过久，应停止党籍或会籍
due-removal_due = 停止后长期失去联系，应予除名
due-away_for_long = 外出过久：应转接组织关系，或确定当地组织负责联系
due-transfer_due = 应将组织关系转往工作单位
clock-advanced = 时钟已推进到 { $to }；截至该日新到期 { $dues } 项。
clock-preview = 截至 { $to } 新到期 { $dues } 项；未作任何记录。
clock-fell-due = { "  " }{ $day }  { $subject }：{ $what }（依据 { $rule }）
due-letter_runs_out = 介绍信即将失效
due-letter_back = 介绍信已退回或失效，转出方应处理
clock-acted = { "  " }{ $day }  介绍信 { $letter }：{ $command }
clock-refused = { "  " }{ $day }  介绍信 { $letter }：{ $command } 被拒绝：{ $why }
screened-letter_unsettled = 介绍信已失效或退回
screening-held = { $day } 排查 { $branch } 及其下级：组织 { $branches } 个，成员 { $members } 名，发现问题 { $findings } 个。
screening-preview = 将记录 { $day } 对 { $branch } 及其下级的排查：组织 { $branches } 个，成员 { $members } 名，发现问题 { $findings } 个。
empty-screenings = 据当时所知，尚未进行过排查。
screened-works_elsewhere = 在其他组织覆盖的单位工作
screened-holder_not_at_home = 任职而组织关系不在该组织
screened-host_gone = 所覆盖的单位已停止经营
screened-relation_unanswered = 提议的关系无人答复
policy-in-force = 规则“{ $name }”，自 { $from } 起施行，版本 { $version }。{ $note }
policy-absent = 未列出的项目不作要求。
policy-good = “{ $name }”：{ $values } 个值相互一致。
policy-good-from = “{ $name }”，自 { $from } 起：{ $values } 个值相互一致。
dues-owed = 基数 { $base } 应缴 { $owed }：按全额的 { $rate } %。
dues-none = 基数 { $base } 无需缴纳：规则未规定。
definition-coverage = 每个单位在每个维度计一次；占比以单位为分母。数字背后的名单：--list MEASURE [--by DIMENSION --value VALUE]
definition-gaps = 缺口 { $gaps } 处；所要求的数以当日现行规则为准。
definition-branches = 到期事项以当日现行规则为准；不会自行变更。
definition-key-posts = 当日存续单位的关键岗位；只列成员。
definition-posts = 截至当日曾有人担任或代理的职务，限当日存续的组织。
definition-responsible = 责任线由近及远：领导、协会、业务指导、兜底。没有责任线的单位无人负责。
definition-headcount =
    会员：会籍在该支部本身的。没有会员的支部计为 0；下级支部各计各的。
definition-daily =
    逐日各按 `headcount --as-of` 的口径：会籍在该支部本身的会员，以及当日存在的支部。
    支部只列其存在之日。
definition-roster =
    任有职务者以职务列行，不再列“member”一行。起始：会籍转入之日，或任职之日。
    已合并者为一人，列于沿用的编号之下。
definition-tree = 下级支部缩进列于上级之下；同级按代码排列。
definition-lifespans =
    天数：由成立之日到撤销之日；同日则为 0。所问之日仍存在的，在该日删失：至少存续了那么久。
definition-lifespans-of-names = 这里更名即终止一段、另起一段。
definition-survival =
    存续率（Kaplan–Meier）：对不超过此长度的每个长度，将（在险 − 终止）/ 在险 相乘；在险：至少存续那么久的。
    没有终止的长度在此略去。
definition-flows =
    期初与期末：期间前一日与最后一日结束时的会员。加入、离开：从组织外来、到组织外去。
    转接：由支部到支部，既非离开也非加入。各按生效之日计：同日加入又离开的，两样都计。
definition-diff = 其间所作、涉及当日或更早日期的记录。
definition-timeline = 按各事件的生效日期排列；记录时间见 `rollbook log`。
definition-duties = 成员所在单位由另一支部主要覆盖，且已签合同或工作满规则所定月数，即应转接。

total-branches = 支部
total-branches-meaning = 现存的支部，各种类型合计
total-members = 会员
total-members-meaning = 至少有一份会籍的人，每人只计一次；已合并者计为一人
total-memberships = 会籍
total-memberships-meaning = 会籍；规则允许时一人可有几份
total-posts = 职务
total-posts-meaning = 有人担任的职务；两人担任则计为二
total-state = 状态为 { $state }
total-state-meaning = 处于此状态的会籍，不论有无所在支部

empty-hosts = 就当时所知，该日没有在营的依托单位。请登记：rollbook register-host
empty-list = 该日没有计入的。
empty-gaps = 没有缺口：就所记录者，一切符合规则的要求。
empty-branches = 就所知，当时没有支部。
empty-branches-ever = 就所知，至此从未成立过支部。
empty-kind = 就所知，至此从未成立过类型为 { $kind } 的支部。
empty-diff = 其间没有涉及当日或更早日期的记录。
empty-flows = 就所知，这段时间内无人加入、转接或离开。
empty-roster = 就所知，当时无人归属于此。
empty-transfers = 据当时所知，没有这样的转接。
clock-stands-still = （中止计时）
destination-suspended = （转入方暂停活动：改转或退回）
destination-winding_up = （转入方正在清理：改转或退回）
phase-issued = 已开具
phase-presented = 已提交
phase-returned = 已退回
phase-expired = 已过期
phase-voided = 已作废
phase-accepted = 已接收，待回执
phase-unmatched = 无对应介绍信的回执
definition-transfers =
    介绍信以最后有效日为期，答复以提交后规则所定天数为期，退回转出方的以退回当日为期。
    接收之前，成员仍属转出方。
empty-timeline = 就所知，至此尚无任何事件。
empty-log = 没有这样的事件。
empty-members = 此名单上没有成员。
empty-duties = 没有应当转接的成员。
empty-search = 没有找到“{ $text }”。
log-more = 还有更多：--after { $position }

life-open = 仍存在
lifespans-sum = 共 { $lives } 段：{ $ended } 段终止，{ $censored } 段在 { $day } 仍存在，于该日删失。
lifespans-median = 按此估计的中位数：{ $days } 天。
lifespans-no-median = 尚无中位数：按此估计，过半数比任何已终止的都存续得更久。
flow-outside = （组织外）

person-erased = （已抹除）
person-unknown = （不在保密库中）
nothing = （无）
top-level = 顶层

origin-flag = 选项 { $name }
origin-variable = 环境变量 { $name }
origin-file = 文件 { $path }
origin-default = 默认
separator = 、

## 手册

man-name = 名称
man-synopsis = 概要
man-description = 描述
man-version = 版本
man-exit-status = 退出状态

## 事件，写成名词和句子

struck-retracted = { $event }（已由序号 { $position } 撤销）
struck-redated = { $event }（已由序号 { $position } 改期）
struck-replaced = { $event }（已由序号 { $position } 取代）
told-LedgerOpened = 账本启用，时区 { $zone }，预设规则 { $preset }
told-PolicyAdopted = 采用规则“{ $rules }”
told-AreaDefined = 定义了区域 { $area }（“{ $name }”）
told-BirthBandRecorded = { $person } 出生于 { $from } 至 { $to } 年间
told-HostAttached = { $branch } 自此覆盖依托单位 { $host }：{ $mode }
told-HostDetached = { $branch } 不再覆盖依托单位 { $host }
told-HostRegistered = 登记了依托单位 { $host }（“{ $name }”）：{ $kind }，{ $ownership }，员工 { $staff } 人
told-HostChanged = 依托单位 { $host } 变更：{ $changes }
told-HostClosed = 依托单位 { $host } 关闭
told-PersonEmployed = { $post ->
        [none] { $person } 自此在 { $host } 工作
       *[other] { $person } 自此在 { $host } 任 { $post }
    }{ $contract ->
        [signed] ，已签合同
       *[none] {""}
    }
told-EmploymentEnded = { $person } 不再在 { $host } 工作
told-RelationProposed = 提出：{ $from } { $relation } { $to }
told-RelationAccepted = 接受：{ $from } { $relation } { $to }
told-RelationEnded = 结束：{ $from } { $relation } { $to }
told-TransferIssued = { $from } 为 { $person } 开具转往 { $to } 的介绍信 { $letter }{ $last_day ->
    [none] {""}
   *[other] ，有效期至 { $last_day }
}
told-TransferPresented = { $person } 的介绍信 { $letter } 已交 { $to }
told-TransferAccepted = { $to } 凭介绍信 { $letter } 接收了来自 { $from } 的 { $person }
told-TransferReturned = { $to } 退回 { $person } 的介绍信 { $letter }（{ $reason }{ $note ->
    [none] {""}
   *[other] ：{ $note }
}）
told-TransferReissued = { $from } 为 { $person } 重新开具转往 { $to } 的介绍信 { $letter }，替代 { $former }{ $last_day ->
    [none] {""}
   *[other] ，有效期至 { $last_day }
}
told-TransferWithdrawn = { $from } 撤回 { $person } 的介绍信 { $letter }
told-TransferExpired = { $person } 转往 { $to } 的介绍信 { $letter } 已过期（规则 { $rule }）
told-TransferLetterVoided = { $person } 转往 { $to } 的介绍信 { $letter } 遗失作废
told-TransferDiverted = { $person } 的介绍信 { $letter } 由 { $former } 改转 { $to }
told-TransferClockSuspended = { $person } 的介绍信 { $letter } 中止计时
told-TransferClockResumed = { $person } 的介绍信 { $letter } 恢复计时{ $last_day ->
    [none] {""}
   *[other] ，有效期至 { $last_day }
}
told-TransferEscalated = { $to } 对 { $person } 的介绍信 { $letter } 逾期未答复，报 { $superior }（规则 { $rule }）
told-TransferAcceptedByRule = { $to } 对介绍信 { $letter } 逾期未答复，视为接收来自 { $from } 的 { $person }（规则 { $rule }）
told-TransferAppealed = { $from } 就 { $person } 的介绍信 { $letter } 被退回向 { $superior } 申诉
told-TransferAppealDecided = { $upheld ->
    [yes] { $person } 的介绍信 { $letter } 的退回被撤销，{ $to } 须重新答复
   *[no] { $person } 的介绍信 { $letter } 的退回维持不变
}
told-TransferReceipted = { $from } 收到 { $to } 关于 { $person } 的回执（介绍信 { $letter }）
told-TransferClosed = { $person } 的转接（介绍信 { $letter }）终止（{ $reason }）
told-TransferReceived = { $from } 向 { $to } 提交 { $person } 的介绍信 { $letter }{ $last_day ->
    [none] {""}
   *[other] ，有效期至 { $last_day }
}
told-TransferDepartedExternal = { $to } 回执确认凭介绍信 { $letter } 接收来自 { $from } 的 { $person }
told-TransferOriginMoved = { $person } 的介绍信 { $letter } 的转出方由 { $former } 改为 { $from }
told-TransferReceiptUnmatched = { $body } 寄来本账本不知道的介绍信 { $letter } 的回执
told-TransferReceiptMatched = { $body } 关于介绍信 { $letter } 的回执已处理
closed-membership_ended = 党籍（会籍）终止
closed-died = 成员去世
closed-expelled = 成员被开除
closed-removed = 成员被除名
closed-home_lost = 成员不再有所属支部
closed-home_moved = 组织关系已以其他方式转移
closed-branch_dissolved = 一方已撤销
whole-body = 组织全体
told-PersonRegistered = 登记人员 { $person }
told-PersonDied = { $person } 去世
told-DuplicateSuspected = { $person } 可能与 { $other } 为同一人
told-DeclaredDistinct = { $person } 与 { $other } 不是同一人
told-PersonMerged = { $person } 与 { $other } 为同一人，自此以后者编号为准
told-PersonUnmerged = { $person } 与 { $other } 并非同一人
told-MembershipAdmitted = { $again ->
        [yes] { $person } 重新加入 { $branch }
       *[no] { $person } 加入 { $branch }
    }{ $state ->
        [none] {""}
       *[other] ，身份为 { $state }
    }
told-MembershipApplied = { $person } 向 { $branch } 提出申请，身份为 { $state }
told-MembershipStateChanged = { $person } 由 { $from } 变为 { $to }{ $enters ->
        [none] {""}
       *[other] ，组织关系进入 { $enters }
    }{ $leaves ->
        [none] {""}
       *[other] ，组织关系不再在 { $leaves }
    }
told-ProbationExtended = { $person } 的预备期延长至 { $until }
told-ContactLost = 与 { $person } 失去联系
told-ContactRegained = 与 { $person } 恢复联系
told-MobilityRegistered = { $person } 外出流动{ $place ->
        [none] {""}
       *[other] ，在 { $place }
    }{ $branch ->
        [none] {""}
       *[other] ，由 { $branch } 管理
    }
told-MobilityEnded = { $person } 已返回
told-SecondaryPlaceAssigned = { $person } 自此同时参加 { $branch } 的组织生活
told-SecondaryPlaceEnded = { $person } 不再参加 { $branch } 的组织生活
told-HomeMoved = { $person } 的组织关系由 { $from } 转接到 { $to }
told-EventRedated = 更正（{ $reason }）：自本日起生效，而非 { $date }：{ $was }
told-EventReplaced = 更正（{ $reason }）：{ $by }，取代：{ $was }
told-EventRetracted = 更正（{ $reason }）：并无此事：{ $was }
told-MembershipEnded = { $branch ->
        [none] { $person } 的会籍终止：{ $reason }
       *[other] { $why ->
            [left] { $person } 离开 { $branch }
           *[other] { $person } 离开 { $branch }：{ $reason }
        }
    }
told-PostTaken = { $person } 在 { $branch } 担任职务 { $role }
told-PostLeft = { $why ->
        [left] { $person } 卸任 { $branch } 的职务 { $role }
       *[other] { $person } 卸任 { $branch } 的职务 { $role }：{ $reason }
    }
told-BranchFormed = { $origins ->
        [none] { $branch } 成立，名为“{ $name }”，隶属 { $parent }
       *[other] { $branch } 由 { $origins } 组建成立，名为“{ $name }”，隶属 { $parent }
    }
told-BranchRenamed = { $branch } 更名为“{ $name }”
told-BranchProposed = 提请成立 { $branch }，名为“{ $name }”，隶属 { $parent }
told-BranchApproved = 批准成立 { $branch }
told-BranchProposalRejected = { $reason ->
    [none] 未批准成立 { $branch }
   *[other] 未批准成立 { $branch }：{ $reason }
}
told-BranchSuspended = { $reason ->
    [none] { $branch } 暂停活动
   *[other] { $branch } 暂停活动：{ $reason }
}
told-BranchResumed = { $branch } 恢复活动
told-WindingUpStarted = { $reason ->
    [none] { $branch } 开始清理，准备撤销
   *[other] { $branch } 开始清理，准备撤销：{ $reason }
}
told-WindingUpAbandoned = { $branch } 终止清理，予以保留
told-BranchKindChanged = { $branch } 由 { $from } 改为 { $to }
told-BranchReFormed = { $branch } 接续已撤销的 { $former }
told-PostTermSet = { $until ->
    [none] { $person } 任 { $branch } 的 { $role }（{ $mode }）
   *[other] { $person } 任 { $branch } 的 { $role }（{ $mode }），任期至 { $until }
}
told-ActingNamed = { $person } 代理 { $branch } 的 { $role }
told-ActingEnded = { $why ->
    [left] { $person } 不再代理 { $branch } 的 { $role }
   *[other] { $person } 不再代理 { $branch } 的 { $role }：{ $reason }
}
told-ReorganisationPlanned = 拟定{ $form }方案：{ $sources } → { $rest }，涉及成员 { $members } 名、在途转接 { $cases } 件
told-ReorganisationApproved = 组织调整方案获得批准
told-ReorganisationExecuted = 组织调整方案已执行
told-ReorganisationWithdrawn = { $reason ->
    [none] 组织调整方案已撤回
   *[other] 组织调整方案已撤回：{ $reason }
}
holding-elected = 选举
holding-appointed = 任命
plan-merge = 合并
plan-split = 拆分
plan-dissolution = 撤销
plan-move = 改隶
reason-succeeded = 由他人接任
told-ClockAdvanced = 截至 { $day } 的到期事项已记录
told-FellDue = { $subject } 依据 { $rule } 到期：{ $due }
told-ScreeningHeld = 排查了 { $branch } 及其下级：组织 { $branches } 个，成员 { $members } 名；发现：{ $findings }
told-BranchMoved = { $branch } 由隶属 { $from } 改为隶属 { $to }
told-BranchDissolved = { $into ->
        [none] { $branch } 撤销
       *[other] { $branch } 撤销，并入 { $into }
    }

measure-hosts = 单位
measure-hosts-meaning = 当日在营的企业和单位
measure-not_public = 非公有
measure-not_public-meaning = 所有者非公有的单位
measure-organised = 已组建
measure-organised-meaning = 已建支部的单位：单独、联合或网上
measure-standalone = 单独
measure-standalone-meaning = 有自己支部的单位
measure-joint = 联合
measure-joint-meaning = 与其他单位共有支部的单位
measure-online = 网上
measure-online-meaning = 有网上支部的单位
measure-work_covered = 工作覆盖
measure-work_covered-meaning = 已组建或有组织负责的单位
measure-staff = 员工
measure-staff-meaning = 在这些单位工作的人数
measure-members = 会员
measure-members-meaning = 有会籍的人，每人计一次
measure-branches = 支部
measure-branches-meaning = 计入类别的现存支部；占比为每百家单位

dimension-kind = 类别
dimension-ownership = 所有制
dimension-size_band = 员工规模
dimension-area = 区域
dimension-responsible = 责任组织
dimension-line = 责任线
dimension-mode = 组建方式
dimension-age_band = 年龄

line-supervised_by = 领导
line-member_of_association = 协会
line-guided_by = 业务指导
line-fallback_responsible_for = 兜底

gap-members_without_branch = 有正式会员 { $found } 人（{ $expected } 人起应建支部），尚未建支部
gap-staff_without_member = 有员工 { $found } 人（{ $expected } 人起应有会员），尚无会员
gap-nobody_responsible = 无人负责
gap-key_post_without_member = 关键岗位 { $post } 无会员担任
gap-under_strength = 正式会员 { $found } 人，规则要求至少 { $expected } 人
gap-over_size = 会员 { $found } 人，规则要求至多 { $expected } 人
gap-joint_with_one_host = 联合支部只剩 { $found } 个单位
gap-hosts_gone = 其依托单位均已不存
gap-not_placed = 自 { $since } 起代管，尚待支部接收
standing-due-under_strength = 正式成员少于规则要求
standing-due-general_branch_due = 应改建党总支
standing-due-committee_due = 应改建党委
standing-due-idle = 长期无活动
standing-due-life_over = 存续期满，应予撤销
phase-active = 正常
phase-suspended = 暂停活动
phase-winding_up = 清理中
post-held = 在任
post-term_due = 任期将满
post-term_over = 任期已满
post-vacant = 空缺
post-acting = 空缺，由人代理

mode-standalone = 单独组建
mode-joint_by_industry = 按行业联合组建
mode-led_by_firm = 龙头企业带建
mode-by_region = 按区域联合组建
mode-online = 网上组建

relation-supervised_by = 受其领导于
relation-guided_by = 受业务指导于
relation-hosted_by = 依托于
relation-jointly_built_with = 联建于
relation-led_by = 由其龙头带建于
relation-fallback_responsible_for = 兜底负责
relation-member_of_association = 隶属协会

reason-left = 离开
reason-died = 去世
reason-expelled = 开除
reason-removed = 除名
reason-branch_dissolved = 支部已撤销
reason-departed = 转往账本以外的组织
reason-withdrew = 自行脱离
reason-resigned = 申请退出
reason-probation_cancelled = 取消预备资格
reason-declined = 申请未获批准
reason-duplicate = 重复登记
reason-home_ended = 已不是该处会员
reason-not_full = 已不是正式会员

## 记录

init-done =
    已建立账本 { $ledger }，规则“{ $preset }”，日期按 { $zone }。
      账本    { $path }
      保密库  { $vault }
init-key =
    警告：密钥 { $key } 能打开与它放在一起的保密库。
    请移到更安全的地方，并用 --key 或 ROLLBOOK_KEY 指明。没有它，任何姓名都无法再读取。
init-next = 接下来：{ $program } form-branch --help，或 { $program } import facts FILE
recorded = 已记录，{ $effective } 生效（幂等键 { $key }）：
recorded-nothing = 无须记录：已经如此，{ $effective } 生效。
recorded-before = 此前已用幂等键 { $key } 记录，{ $effective } 生效：
recorded-event = { "  " }序号 { $position }  { $event }  [{ $stream }，版本 { $version }]
recorded-note = { "  " }附注：{ $note }
preview = 将会记录以下内容，{ $effective } 生效；尚未记录：
preview-nothing = 不会有任何记录：已经如此，{ $effective } 生效。
preview-figures = { $day } 的数字将有以下不同：
restated-members = 成员：原 { $then }，现 { $now }（{ $difference }）
restated-branches = 组织：原 { $then }，现 { $now }（{ $difference }）
restated-nothing = 各组织均无变化。
restated-appeared = 新出现：“{ $now }”
restated-vanished = 已消失：“{ $then }”
restated-name = 原“{ $then }”，现“{ $now }”
restated-parent = 上级原为 { $then }，现为 { $now }
restated-phase = 原 { $then }，现 { $now }
restated-top = （顶层）
diff-more = 另有 { $count } 项；可用 --limit 显示。
preview-event = { "  " }{ $event }  [{ $stream }]

note-held_until_formation =
    { $branch } 于 { $formed } 成立；日期在此之前的事实自该日起生效
note-change_of_mode_due = { $branch } 只剩一个依托单位：组建方式须变更
note-organisation_never_formed = { $branch } 从未成立；该事实暂存待办
note-former_name_differs = 文件称其原名为 { $stated }，记录中为 { $recorded }
note-former_parent_differs = 文件称其原隶属 { $stated }，记录中为 { $recorded }
note-ended_what_was_left = 另有 { $also } 个事件了结了 { $branch } 余下的关系
note-relative_unknown = 所列的前身或后继 { $branch } 不明，已略去

## 导入

progress-check = 正在检查 { $file }
progress-apply = 正在记录
progress-export = 正在写出
progress-verify = 正在核验
progress-rebuild-fold = 正在重放
progress-rebuild-compare = 正在比对 { $name }
progress-rebuild-stage = 正在放置 { $name }
report = 已导入 { $lines } 行，来源“{ $source }”：{ $applied } 条事实产生 { $events } 个事件，截至序号 { $position }。
letters = 已开介绍信 { $recorded } 份；原已如此 { $already_so } 份；被拒 { $refused } 份；因他行被拒而未记录 { $withheld } 份
letters-preview = 将开介绍信 { $foreseen } 份；原已如此 { $already_so } 份；被拒 { $refused } 份。未作任何记录。
import-planned = 计划已写入 { $out }。
report-preview = 已检查 { $lines } 行，来源“{ $source }”，未作记录：{ $applied } 条事实将产生 { $events } 个事件。
report-before = { "  " }其中 { $lines_before } 行此前已经处理。
report-already_so = { "  " }{ $count } 条已经如此
report-refused = { "  " }{ $count } 条被规则拒绝
report-held = { "  " }{ $count } 条暂存至支部成立，或仍在暂存
report-noted = { "  " }{ $count } 条已记录并附说明
report-more = ……另有 { $count } 条；用 --all 全部显示。
outcome-refused = 拒绝
outcome-recorded = 已记录
outcome-already_so = 已经如此
outcome-foreseen = 将会记录
outcome-withheld = 未予记录
outcome-held = 暂存
outcome-noted = 附注

## 状态与核验

status-ledger = 账本
status-zone = 时区
status-rules = 现行规则
status-events = 事件
status-recorded = 最近记录
status-lag = 投影
status-lag-value = { $lag ->
        [0] 已是最新
       *[other] 落后 { $lag } 个事件
    }
status-import = 已导入
status-import-value = { $lines } 行，来源“{ $source }”
status-vault = 保密库
status-vault-yes = 在账本旁边
status-vault-no = 无
status-bytes = { $bytes } 字节

verify-sound = 完好：{ $events } 个事件和 { $projections } 个投影均与当初写入的一致。
verify-findings = 不完好：{ $events } 个事件和 { $projections } 个投影中发现 { $findings } 个问题。
verify-root = { "  " }全部事件之树    { $root }
verify-projection = { "  " }{ $name } 截至 { $position }，{ $rows } 行    { $digest }
verify-skipped = { "  " }{ $name } 未核验：它是另一版本的，下次写入时将重新建立
verify-hint = 请停止写入此账本，保持文件原样，并与备份比对。
rebuild-same = { "  " }{ $name } 截至 { $position }，{ $rows } 行，{ $seconds } 秒：与使用中的表相同    { $digest }
rebuild-other = { "  " }{ $name } 截至 { $position }，{ $rows } 行，{ $seconds } 秒：与使用中的表不同    { $digest }
rebuild-nothing = { "  " }{ $name } 截至 { $position }，{ $rows } 行，{ $seconds } 秒：没有可比对的表    { $digest }
rebuild-swapped = { $projections } 个投影中已切换 { $swapped } 个，用时 { $seconds } 秒。返回旧表：rollbook rebuild --back
backup-done = 已备份账本 { $ledger } 的 { $events } 个事件。根：{ $root }
backup-key = 备份不含密钥：请将 { $key } 的副本另处保管。没有它，任何人都无法再读出姓名。
backup-no-vault = 此处没有保密库，因此备份中也没有。
restore-done = 已恢复并核验账本 { $ledger } 的 { $events } 个事件。根：{ $root }
restore-key = 备份不含密钥：请将密钥放到 { $key }，或用 --key 指明其位置。
export-done = 已写出账本 { $ledger } 的 { $events } 个事件。根：{ $root }
import-events-done = 已接收并核验账本 { $ledger } 的 { $events } 个事件。根：{ $root }
import-events-vault = 导出文件不含保密库：请将保密库及其密钥复制到此账本查找它们的位置。
rebuild-stays = 内容不同的表仍在使用：它的行与事件不符。
    .hint = 请先保留一份数据表的副本并查明原因，再用 rollbook rebuild --replace 修复。
finding-bytes = 字节与当初记录的不同
finding-column = 某列与其旁边的字节不符
finding-engine = 数据库文件已损坏
finding-frontier = 树的边缘与事件的不符
finding-guards = 守卫与事件的不符
finding-head = 账本之首不是其最后一个事件
finding-imports = 某次导入的进度与其事件不符
finding-opened = 账本只由其第一个事件启用
finding-position = 序号不连续
finding-projection = 某个投影与重放的结果不同
finding-receipts = 某份回执与其事件不符
finding-recorded_at = 记录时间倒退
finding-sequence = 某条流的版本不连续
finding-summary = 成员汇总与其各表不符
finding-unreadable = 无法读出事件

## 拒绝：一句话，以及解决办法

refused-acted_by_another = { $branch } 的 { $role } 自 { $since } 起已有人代理：请先结束代理。
refused-already_formed = { $branch } 已于 { $formed } 成立。
refused-already_winding_up = { $branch } 自 { $since } 起处于清理之中：请先终止清理，或予以撤销。
refused-approval_needed = 规则要求 { $code } 先提请再批准：先用 propose-branch，再用 approve-branch。
refused-before_plan = { $branch } 的调整方案于 { $planned } 才拟定或批准。
    .hint = 请选择该日或之后的生效日期。
refused-before_proposal_of_branch = { $branch } 于 { $proposed } 才提请成立。
    .hint = 请选择该日或之后的生效日期。
refused-branch_not_proposed = 没有人提请成立 { $branch }：请先提请，或直接成立。
refused-branch_suspended = { $branch } 自 { $since } 起暂停活动，不接收任何人或事项：请先恢复活动，或另选组织。
refused-branch_winding_up = { $branch } 自 { $since } 起处于清理之中，不接收任何人或事项：请另选组织，或终止清理。
refused-code_proposed = 代码 { $code } 已留给 { $proposed } 提请成立的组织：请批准它，或另选代码。
refused-hosts_unfit = { $branch } 不能以该方式覆盖 { $hosts } 个单位：请另选组建方式，或先解除部分单位。
refused-kind_not_for_members = { $branch } 有成员 { $members } 名，而 { $kind } 不保留组织关系：请先转出成员。
refused-move_impossible = { $branch } 不能这样改隶：{ $code }。请撤回方案，或重新拟定。
refused-new_code_taken = 新组织的代码 { $code } 已被占用：请另选。
refused-no_plan = { $branch } 没有待执行的调整方案：请先拟定。
refused-not_acting = { $person } 在 { $effective } 并未代理 { $branch } 的 { $role }。
    .hint = rollbook posts 列出各职务由谁代理。
refused-not_dissolved = { $branch } 在 { $effective } 尚未撤销：撤销后方可由他组织接续。
refused-not_in_sources = { $person } 在 { $effective } 不属于这些组织，不能列入方案。
refused-not_winding_up = { $branch } 自 { $since } 起暂停活动，并未清理：请改用恢复活动。
refused-plan_forgets = 方案遗漏了 { $branch } 的成员：{ $members }。请用 remake-plan 重新拟定，并再次批准。
refused-plan_forgets_cases = 方案遗漏了 { $branch } 未办结的转接：{ $cases }。请用 remake-plan 重新拟定，并再次批准。
refused-plan_not_approved = { $branch } 于 { $planned } 拟定的方案尚未批准：请由另一人用 approve-plan 批准。
refused-plan_open = { $branch } 自 { $planned } 起已有待执行的方案：请重新拟定，或先撤回。
refused-proposal_rejected = 成立 { $branch } 的提请已于 { $rejected } 被否：请重新提请。
refused-second_person_needed = 拟定 { $branch } 调整方案的人不能单独批准：请用 --approver 指明另一人。
refused-sources_unfit = { $sources } 个组织不能这样调整：拆分、撤销只取一个，合并、改隶取一个或多个，且各只列一次。
refused-succeeds_another = { $branch } 已接续 { $other }。
refused-target_ends = { $branch } 随方案一并终止：不能把人转到那里。
refused-target_missing = 未说明 { $branch } 的成员去向：请指明承接的组织。
refused-target_unknown = 没有可去的组织 { $code }，方案中也未新设。
    .hint = rollbook tree 列出各组织；方案可用 --forms 新设组织。
refused-term_ends_early = 至 { $term_until } 的任期在 { $effective } 已经届满。
    .hint = 请选择更晚的任期届满日。
refused-term_too_long = 至 { $term_until } 的任期超出规则所许：最迟至 { $latest }。
refused-already_dissolved = { $branch } 已于 { $dissolved } 撤销。
    .hint = 另一日期、原因或承接支部需作更正。
refused-already_closed = { $host } 已于 { $closed } 关闭。
refused-already_corrected = 位置 { $position } 的事项已不作数；请更正取代它的记录，可用 `timeline` 查看。
refused-already_related = { $from } 与 { $to } 的该关系自 { $since } 起已成立或已提出。
    .hint = 请先结束该关系：rollbook end-relation
refused-approver_needed = 认定 { $person } 与 { $other } 不是同一人，须有复核人。
    .hint = 请用 --approver 指明二人以外的复核人。
refused-area_taken = 代码 { $area } 属于区域“{ $name }”。
    .hint = 代码不重复使用：请另选一个。
refused-area_unknown = 该日没有区域 { $area }。
    .hint = 请先定义：rollbook define-area
refused-before_proposal = { $from } 与 { $to } 的该关系于 { $proposed } 才提出。
    .hint = 请选择该日或之后的生效日期。
refused-other_alive = { $person } 自 { $died } 起已故，而 { $other } 的记录为健在。
    .hint = 若二者为同一人，则另一记录也应登记去世：rollbook record-death，然后合并。
refused-both_members = { $into } 已有会籍，而 { $person } 同时是 { $branch } 的会员。
    .hint = 请先以 duplicate 为由终止其中一份会籍。
refused-covered_by_another = 计入 { $host } 的支部自 { $since } 起是 { $other }。
    .hint = 请先在那里使其脱离，或用 --rank secondary 归入。
refused-ends_unfit = 这两者之间不可能有关系 { $relation }。
    .hint = `rollbook propose-relation --help` 说明哪些组织之间可有何种关系。
refused-extended_already = { $person } 的预备期已延长至 { $until }。
    .hint = 请自该日起转正，或取消预备资格。
refused-extension_out_of_range = 预备期可延长 { $months_min } 至 { $months_max } 个月，不能延长 { $months } 个月。
    .hint = 请选择二者之间的月数。
refused-home_needed = 状态为 { $state } 的会籍须有所在支部。
    .hint = 请用 --branch 指明支部。
refused-home_stays = { $person } 的组织关系在 { $branch }，不因此改变。
    .hint = 请勿填写 --branch；转移须办理转接。
refused-home_there = { $person } 的组织关系就在 { $branch }，不另设第二处。
    .hint = 请选择其他支部。
refused-host_closed = { $host } 自 { $closed } 起关闭。
    .hint = 重新开业的单位登记为另一个依托单位。
refused-host_code_taken = 代码 { $code } 属于 { $registered } 登记的依托单位。
    .hint = 代码不重复使用：请另选一个。要变更该单位：rollbook change-host
refused-host_kind_unknown = 规则中没有依托单位类别 { $kind }。
    .hint = rollbook status 给出现行规则；其单位类别见预设。
refused-host_not_yet = { $host } 于 { $registered } 才登记。
    .hint = 请选择该日或之后的生效日期。
refused-host_unknown = 没有依托单位 { $host }。
    .hint = rollbook coverage --list hosts 列出依托单位。
refused-identity_in_doubt = { $person } 疑与 { $other } 为同一人，尚未认定。
    .hint = 同一人用 rollbook merge-persons，不是则用 rollbook declare-distinct 并指明 --approver。
refused-joint_needs_two = { $branch } 将是覆盖 { $hosts } 个依托单位的联合支部；联合支部至少需要两个。
    .hint = 请同时列出其他单位，或选择 --mode standalone。
refused-merged_already = { $person } 已以 { $into } 的编号为准。
    .hint = 用 rollbook unmerge-persons 可以撤销。
refused-no_applications = 规则“{ $rules }”没有申请这一步。
    .hint = 用 rollbook admit-member 直接接收。
refused-no_home = { $person } 在 { $effective } 没有所在支部，不能另设第二处。
    .hint = 请先用 rollbook change-state 或 restore-membership 确定所在支部。
refused-no_membership = { $person } 在 { $effective } 没有会籍。
    .hint = 用 rollbook admit-member 或 apply-for-membership 开始。
refused-not_merged = { $person } 并未以 { $from } 的编号为准。
    .hint = rollbook timeline --person ID 显示对此人的认定。
refused-not_on_probation = { $person } 在 { $effective } 不在预备期。
    .hint = rollbook timeline --person ID 显示会籍状态的变化。
refused-nothing_to_change = 没有指明要变更的内容。
    .hint = 请至少指明一项：--name、--kind、--ownership、--staff、--area、--key-posts
refused-not_covered = { $branch } 在 { $effective } 不覆盖 { $host }。
    .hint = rollbook timeline --branch { $branch } 说明它覆盖过哪些单位及时间。
refused-not_employed = { $person } 在 { $effective } 不在 { $host } 工作。
    .hint = rollbook timeline --host { $host } 列出何人自何时起在该处工作。
refused-not_proposed = 没有人提出 { $from } 与 { $to } 的该关系。
    .hint = 请先提出：rollbook propose-relation
refused-not_related = { $from } 与 { $to } 没有该关系，也没有提出过。
    .hint = rollbook timeline 说明一个组织的关系及其起始。
refused-on_trial = { $person } 的预备期到 { $until } 才满。
    .hint = 请自该日起转正，或延长预备期、取消预备资格。
refused-ownership_unknown = 规则中没有所有制 { $ownership }。
    .hint = 预设中有 state、collective、private、foreign 和 mixed。
refused-party_gone = { $party } 自 { $gone } 起不复存在。
    .hint = 请选择该日之前的生效日期，或另选组织。
refused-party_not_yet = { $party } 自 { $begins } 起才存在。
    .hint = 请选择该日或之后的生效日期。
refused-party_unknown = 没有组织 { $party }。
    .hint = rollbook tree 列出各组织，rollbook search TEXT 可查找其他组织。
refused-person_dead = 已登记 { $person } 自 { $died } 起去世。
    .hint = 如日期有误，须作更正。
refused-person_died = { $person } 已去世，登记日期为 { $died }。
    .hint = 请核对是否另有其人。
refused-probation_over = { $person } 的预备期已于 { $ended } 届满，尚未作出决定。
    .hint = 请先决定再开具介绍信：转正用 rollbook change-state，延长用 extend-probation，取消用 cancel-probation。
refused-person_merged = { $person } 以 { $into } 的编号为准。
    .hint = 请用该编号，或用 rollbook unmerge-persons 撤销合并。
refused-relation_circle = { $from } 已在 { $to } 之上：该关系将回到起点。
    .hint = 请先结束途中的一项关系：rollbook end-relation
refused-relations_left = { $branch } 仍有 { $relations } 项与其他组织的关系。
    .hint = 请先结束这些关系：rollbook end-relation
refused-rules_contradict = 规则的取值相互矛盾：{ $key }（{ $problem }）。
    .hint = rollbook policy check FILE 会指出问题及所在行。
refused-already_accepted = { $branch } 已于 { $since } 接收介绍信 { $letter }；只差回执（receipt-transfer）。
refused-appealed_before = 介绍信 { $letter } 已于 { $since } 申诉过；可重新开具、改转或撤回。
refused-cases_left = { $branch } 仍是 { $cases } 项未办结转接的一方：可用 divert-transfer、return-transfer 或 withdraw-transfer 了结。
refused-destination_unclear = 介绍信只有一个去向：支部（to）或账本以外的组织（body）。
refused-letter_diverted = 介绍信 { $letter } 已于 { $since } 改转 { $to }，由该支部答复。
refused-letter_expired = 介绍信 { $letter } 的最后有效日是 { $last_day }；转出方可重新开具（reissue-transfer）。
refused-letter_good = 介绍信 { $letter } 仍有效（最后有效日：{ $last_day }）；如遗失可作废（void-letter）。
refused-letter_replaced = 介绍信 { $letter } 已由 { $by } 替代，以后者为准。
refused-letter_taken = 编号 { $letter } 已用于另一封介绍信；编号只用一次。
refused-letter_unknown = 没有编号为 { $letter } 的介绍信；可用 issue-transfer 开具。
refused-no_appeal = 介绍信 { $letter } 没有待决的申诉；可用 appeal-transfer 提出。
refused-not_due = 介绍信 { $letter } 的该事项{ $due ->
    [none] 不会到期
   *[other] 在 { $due } 之前未到期
}；转出方可用 withdraw-transfer 或 divert-transfer 自行办理。
refused-not_superior = { $branch } 不是双方最近的共同上级{ $superior ->
    [none] ，应为组织全体
   *[other] ，应为 { $superior }
}。
    .hint = 不填 --to 再申诉：将由双方最近的共同上级或组织全体裁决。
refused-not_suspended = 介绍信 { $letter } 正在计时；可用 suspend-transfer 中止。
refused-origin_not_home = { $person } 在 { $effective } 已不属 { $branch }；须撤回转接（withdraw-transfer），由所属支部另行开具。
refused-other_destination = 介绍信 { $letter } 的去向是 { $to }；可用 divert-transfer 改转。
refused-reissues_used = 介绍信 { $letter } 最多重新开具 { $reissues_max } 次；可用 withdraw-transfer 了结，再用 issue-transfer 另行开具。
refused-return_note_missing = 退回原因 { $reason } 须以代码说明所指（note）。
refused-return_reason_unknown = 规则中没有退回原因 { $reason }；可用：{ $reasons }。
refused-transfer_open = { $person } 的转接（介绍信 { $letter }）尚未办结（{ $phase }）；接下来可以：{ $acts }。
refused-transfer_phase = 介绍信 { $letter } 的转接自 { $since } 起为 { $phase }；接下来可以：{ $acts }。
refused-same_party = { $party } 不能与自身建立关系。
refused-one_person = { $person } 只是一人，须指明两人。
    .hint = 请用 --other 指明另一人。
refused-several_memberships = { $person } 在 { $effective } 有多份会籍，无法判断所指何者。
    .hint = 请先终止已不成立的会籍。
refused-stands_alone = { $branch } 将单独组建于 { $hosts } 个依托单位；单独组建须恰好一个。
    .hint = 请另选 --mode：joint_by_industry、led_by_firm、by_region 或 online。
refused-state_not_for_applications = 申请不能从状态 { $state } 开始。
    .hint = 可选：{ $states }。
refused-state_unknown = 规则中没有状态 { $state }。
    .hint = 可选：{ $known }。
refused-state_without_home = 不能直接接收为状态 { $state }。
    .hint = 可选：{ $states }。
refused-step_not_allowed = 规则不允许由 { $from } 变为 { $to }。
    .hint = 由此可变为：{ $allowed }。
refused-too_many_hosts = { $branch } 将是覆盖 { $hosts } 个依托单位的联合支部；规则最多允许 { $hosts_max } 个。
refused-already_holds = { $person } 自 { $since } 起已在该处担任职务 { $role }。
refused-already_member = { $person } 自 { $since } 起已是 { $branch } 的会员。
    .hint = 请先终止该会籍，或转接其组织关系。
refused-backdated_beyond_limit = { $effective } 距今已超过 { $days_max } 天，须有复核人。
    .hint = 请用 --approver 指明复核人，用 --because 说明原因。
refused-before_formation = { $branch } 到 { $formed } 才成立。
    .hint = 请选择该日或其后的生效日期。
refused-beyond_today = { $to } 晚于今天（{ $today }）：届时到期的事项尚不可知。
    .hint = 将时钟推进到今天，或预先查看：rollbook due --within DAYS
refused-branch_dissolved = { $branch } 自 { $dissolved } 起已撤销。
    .hint = 请选择当日存在的支部：rollbook tree --as-of DATE
refused-branch_unknown = 没有支部 { $branch }。
    .hint = rollbook tree 列出各支部。
refused-children_left = { $branch } 之下还有 { $children } 个支部。
    .hint = 请先将其改隶别处或撤销。
refused-date_out_of_range = { $effective } 不在公元 1 年至 9999 年之间。
    .hint = 请选择其间的生效日期。
refused-clock_ahead = 时钟已在 { $advanced }，不会退回 { $to }。
    .hint = 请推进到该日或更晚的日期。
refused-code_taken = 代码 { $code } 属于 { $formed } 成立的支部。
    .hint = 代码永不重复使用：请另选一个，例如 { $code }#2。
refused-corrected_too_often = 位置 { $position } 的事项已更正 { $depth_max } 次；请将其撤回后重新记录。
refused-corrected_twice = 位置 { $position } 的事项出现两次；只写一次。
refused-cycle = { $branch } 不能隶属 { $parent }：自 { $day } 起它会隶属自己。
    .hint = 请先将 { $parent } 改隶别处。
refused-default_kind_unknown = 规则以 { $kind } 为默认类型，却没有这种类型。
    .hint = 请在规则中补上该类型，或另指默认类型。
refused-family_mismatch = 位置 { $position } 的事项不能以 { $family } 类事项取代；请将其撤回，另行记录。
refused-held_by_another = { $branch } 的职务 { $role } 自 { $since } 起由他人担任。
    .hint = 请先免去现任：rollbook leave-post
refused-kind_may_not_admit = { $branch } 的类型是 { $kind }，这类支部不接收人员。
    .hint = 请先在另一支部接收，再转接组织关系。
refused-kind_not_home = { $branch } 的类型是 { $kind }，这类支部不保存会籍。可改为在该处登记第二归属。
    .hint = 请选择其他类型的支部。
refused-kind_unknown = 规则中没有类型 { $kind }。
    .hint = 请不填类型以取默认值，或使用规则中的类型。
refused-later_change = 已记录的 { $later } 的变更会与此矛盾。
    .hint = 请选择 { $later } 之后的日期。
refused-later_membership =
    已有记录：{ $person } 自 { $from } 起是 { $branch } 的会员，二者会重叠。
    .hint = 请选择该会籍之后的日期，或改为转接组织关系。
refused-later_policy = 规则“{ $rules }”已定于 { $from } 起采用。
    .hint = 请选择 { $from } 之后的日期。
refused-member_never_seen = 该行所指的会员从未加入 { $branch }，也未加入任何其他支部。
    .hint = 请查看该行：会员在那里可能用了另一个代号。
refused-members_left = { $branch } 还有 { $members } 名会员。
    .hint = 请先将其转接到另一支部，或终止其会籍。
refused-not_a_member = { $person } 在 { $effective } 不是 { $branch } 的会员。
    .hint = rollbook timeline --person ID 显示此人曾在何处。
refused-not_at_home = { $person } 在 { $effective } 的会籍不在 { $branch }，而规则要求如此。
    .hint = 请先接收或转接此人到该支部。
refused-not_correctable = 位置 { $position } 的事项（{ $kind }）不能这样更正；撤回只能再被撤回，账本、规则和登记不可更正。
refused-not_full_member = { $person } 自 { $effective } 起并非正式会员，而规则要求 { $branch } 的职务由正式会员担任。
    .hint = 请另选他人，或待其成为正式会员。
refused-not_held = { $person } 在 { $effective } 没有担任 { $branch } 的职务 { $role }。
    .hint = rollbook roster --branch { $branch } 显示各职务由谁担任。
refused-nothing_to_correct = 没有指明任何事项；请用 --retract、--redate 或 --replace 指明。
refused-parent_dissolved = { $branch } 自 { $dissolved } 起已撤销，不能再有下级。
    .hint = 请另选上级。
refused-parent_unknown = 没有可供隶属的支部 { $branch }。
    .hint = rollbook tree 列出各支部。
refused-person_unknown = 账本中没有人员 { $person }。
    .hint = 请先登记此人：rollbook register-person
refused-posts_held = { $branch } 还有 { $posts } 个职务有人担任。
    .hint = 请先免去任职者：rollbook leave-post
refused-predecessor_unknown = 没有可供组建的前身支部 { $branch }。
    .hint = rollbook tree 列出各支部。
refused-same_branch = 转出与转入都是 { $branch }。
    .hint = 请另指转入的支部。
refused-same_person = { $person } 不能把职务移交给自己。
refused-successor_unknown = 没有可供承接的支部 { $branch }。
    .hint = 请先成立它，或将其略去。
refused-timeline_clashes = 时间线将有 { $count } 处自相矛盾：{ $clashes }。请在同一命令中一并更正所列事项，或先另行处理。

## 文件或字段中无法读取的内容

failure = 错误：{ $message }
failure-cause = { "  " }起因：{ $cause }
failure-hint = { "  " }提示：{ $hint }
failure-in-file = { $path }，第 { $line } 行，字段“{ $field }”：{ $problem }
failure-in-field = 字段“{ $field }”：{ $problem }

problem-choice_unknown = 没有这个选项。
    .hint = 该字段的帮助列出各选项。
problem-date_malformed = 不是存在的日期；日期写作 2024-05-01。
problem-cell_too_long = 过长：每格至多 500 个字符。
problem-cells_differ = 格数与首行的列数不符。
problem-column_missing = 首行须列出此列：person 与 letter 不可缺。
problem-column_unknown = 首行须列出各列名，每列一次：person、from、to、body、letter、effective。
problem-field_malformed = 无法读取。
problem-field_missing = 缺少。
problem-field_repeated = 给出了两次。
problem-field_unknown = 没有这个字段。
    .hint = 该命令的帮助列出其字段。
problem-file_too_large = 文件超过 16 MiB；请分开。
problem-id_malformed = 不是标识。
problem-key_reserved = 以 import:、framework: 或 init 开头的键由 Rollbook 自行分配
problem-kind_unknown = 没有这种事实。
problem-line_too_long = 超过 { $bytes_max } 字节；事实不会这么长。
problem-not_a_fact = 不是带有事实各字段的 JSON 对象。
    .hint = 事实须有 seq、date、kind 和 organisation，以及该类事实的字段，各出现一次。
problem-not_toml = 不是 TOML。
problem-names_nothing = { $what ->
        [branch] 没有支部 { $given }。
        [host] 没有依托单位 { $given }。
        [event] 没有事项 { $given }。
        [person] 没有人员 { $given }。
       *[other] 没有 { $given }（{ $what }）。
    }
problem-not_json = 不是 JSON。
problem-not_the_destination = 与转入的支部不同。
problem-not_utf8 = 不是 UTF-8。
problem-setting_choice = “{ $given }”不是它的值。
    .hint = 可选：{ $expected }
problem-setting_not_text = 此处应为引号中的文本。
problem-setting_unknown = 没有这项设置。
    .hint = 设置有：{ $expected }
problem-number_malformed = 不是 0 至 4294967295 的整数。
problem-pairs_malformed = 不是以逗号分隔的成对列表。
problem-party_ambiguous = 支部和依托单位都有该代码。
    .hint = 请写作 branch:代码 或 host:代码。
problem-year_malformed = 不是出生年份，如 1990。
problem-rule_unknown = 规则没有这个键。
    .hint = rollbook policy show 列出所有的键。
problem-rule_malformed = 其内容不符合这条规则的要求，或有所缺失。
problem-rules_missing = 含多套规则的文件，每套应有一个 [[rules]] 表。
problem-rules_date = 此处应为日期，如 2026-01-01。
problem-rules_empty_period = 从 { $from } 到 { $until } 没有一天；后者是期满后的第一天。
problem-rules_gap = 从 { $until } 到 { $from } 没有规则施行。
    .hint = 每套规则的结束日应为下一套的起始日。
problem-rules_overlap = 从 { $from } 到 { $until } 会有两套规则同时施行。
    .hint = 每套规则的结束日应为下一套的起始日。
problem-rules_end = { $until } 之后没有规则施行。
    .hint = 最后一套规则不写 until。
problem-code_twice = 有代码重复。
problem-days_missing = 规定了逾期未答复的后果，却未规定天数。
problem-kind_not_listed = 所用的组织类型不在规则之列。
problem-last_has_end = 最后一档不应有上限：请去掉 base_max。
problem-min_over_max = 最小值大于最大值。
problem-not_rising = 界限必须递增。
problem-source_without_value = 所注来源没有对应的值。
problem-state_unknown = 所用的状态不在规则之列。
problem-zero = 0 等于一开始就结束；不作要求时请略去。
problem-text_malformed = 为空、过长，或含有控制字符、双向字符或零宽字符。

## 命令行的错误

usage-choice_unknown = “{ $given }”不是 { $argument } 的值。
    .hint = 可选：{ $expected }
usage-amount = “{ $given }”不是金额：请写作 3000 或 3000.50。
usage-argument_conflict = { $argument } 与 { $prior } 不能同时使用。
usage-date = { $argument }：“{ $given }”不是存在的日期；日期写作 2024-05-01。
usage-demo_scale = “{ $given }” 不是可用的规模：应为 1 至 { $most } 的整数。
    .hint = 一座城市约有 17,000 个事件；要更大的账本，可试 --scale 10
usage-field_twice = 字段 { $argument } 给出了两次。
usage-field_without_value = “{ $argument }”没有值：字段写作 key=value。
usage-handle_without_purpose = 按代号查找人员就是读取个人信息，须说明用途。
    .hint = 请用 --purpose TEXT 说明用途，或按标识指明此人。
usage-instant_or_position =
    { $argument }：“{ $given }”既不是序号，也不是 2024-05-01T12:00:00Z 这样的时刻。
usage-invalid_value = “{ $given }”不是 { $argument } 的值。
    .hint = rollbook COMMAND --help 列出各选项。
usage-ledger_url = “{ $given }”不是账本。
    .hint = 账本写作 sqlite:rollbook.db 或 postgres://user@host/database
usage-malformed = 命令行无法读取。
    .hint = 请看 rollbook --help
usage-missing_argument = 缺少：{ $argument }。
    .hint = rollbook COMMAND --help 有说明。
usage-missing_command = 缺少：要做什么。
    .hint = rollbook demo 演示有哪些功能；rollbook --help 列出各命令。
usage-names_without_purpose = 姓名是个人信息，读取个人信息须说明用途。
    .hint = 请用 --purpose TEXT 说明用途；它随读取一并记录。
usage-not_utf8 = 有参数不是 UTF-8。
usage-period_without_a_day = { $from } 起至 { $until } 之间没有一天：后者是期间之后的第一天。
usage-unknown_argument = 此处没有参数 { $argument }。
    .hint = rollbook COMMAND --help 列出各参数。
usage-unknown_command = 没有命令 { $argument }。
    .hint = rollbook --help 列出各命令。
usage-unknown_topic = 没有关于“{ $given }”的帮助。
    .hint = rollbook --help 列出各命令；另一个主题是 exit-codes。
usage-value_missing = { $argument } 需要一个值。
usage-empty_name = 姓名须有可见字符。

## 错误

error-another_rebuild = 另有进程正在重建 { $place } 的数据表。
    .hint = 请等它结束。其间仍可读取和记录。
error-another_writer = 另有进程正在写入 { $place }。
    .hint = 请等它结束。其间仍可读取。
error-plan_differs = 该计划属另一文件、来源或账本；没有记录任何内容。
    .hint = 请为此文件制定计划：rollbook import plan FILE --out PLAN
error-plan_stale =
    该计划制定于位置 { $base }；此后其所依据的 { $moved } 项内容有变动，自位置 { $first } 起。没有记录任何内容。
    .hint = 请重新制定计划（一步即可）并查看其报告：rollbook import plan FILE --out PLAN
error-plan_unreadable = { $path } 不是导入计划。
    .hint = 请先制定计划：rollbook import plan FILE --out PLAN
error-beginning_differs = { $path } 的前 { $lines } 行与此来源此前处理过的不同。
    .hint = 另一份登记册的文件须另取来源名称：--source NAME
error-broken_pipe = 没有人读取输出。
error-changed_meanwhile = { $path } 在导入期间发生了变化。
    .hint = 请重新导入：已记录的会被识别出来。
error-conflict = 决定期间记录不断变化；没有记录任何内容。
    .hint = 请重试。
error-corrupt = { $place } 已损坏。
    .hint = 请停止写入，保持文件原样，并运行：rollbook verify
error-corrupt_at = { $place } 已损坏，位于序号 { $position }。
    .hint = 请停止写入，保持文件原样，并运行：rollbook verify
error-demo_exists = { $file } 处已有账本；已保持原样。
    .hint = 请用 --ledger sqlite:{ $file } 到里面看看，或用 --ledger sqlite:PATH 另指位置。
error-demo_too_large = 演示约需 { $needed } GB，比 { $file } 所在磁盘的剩余空间多 { $lacking } GB。没有建立任何内容。
    .hint = 请选较小的 --scale，或用 --ledger sqlite:PATH 指向另一磁盘。
error-disk_full = { $place } 所在的磁盘已满。没有丢失任何内容。
    .hint = 请腾出空间后重试。
error-erasure_lingers = 此人已抹除，但 { $place } 中可能还有残迹。
    .hint = 请在无人读取保密库时再抹除一次。
error-exists = { $place } 处已有账本。
    .hint = 请使用它，或用 --ledger 另指位置。若有遗留的 -wal 或 -journal 文件，请将其移走。
error-export_cut_off = { $path } 在第 { $lines } 行之后被截断。没有接收任何内容。
    .hint = 请重新导出事件，或重新获取完整文件。
error-export_damaged = { $path } 自序号 { $position } 起（第 { $line } 行）与当初记录的不符。没有接收任何内容。
    .hint = 请重新导出事件，或改用另一份副本。
error-export_line = { $path } 自第 { $line } 行起与当初写出的不符。没有接收任何内容。
    .hint = 请重新导出事件，或改用另一份副本。
error-file_cut_off = { $path } 在第 { $lines } 行之后被截断：gzip 文件不完整。没有记录任何内容。
    .hint = 请重新获取或写出该文件。
error-file_unreadable = { $path } 无法读取。
error-file_unwritable = { $path } 无法写入。
error-handle_fixed = 人员 { $person } 的代号只能在登记时给出。
error-handle_taken = 该代号属于另一人（不是 { $person }）。
    .hint = 请使用持有该代号的人员，或另取代号。
error-io = 读写失败。
error-key_reused = 幂等键 { $key } 此前已用于另一命令。
    .hint = 新的命令请用新的键。
error-malformed_key = { $place } 中没有密钥：密钥是 64 位十六进制数字。
    .hint = 请用 --key 或 ROLLBOOK_KEY 指明正确的文件。
error-newer_schema = { $place } 由更新的 Rollbook 写成（版本 { $found }；本程序只认得 { $known }）。
    .hint = 请使用更新的程序。
error-no_key = { $place } 处没有密钥。
    .hint = 请用 --key 或 ROLLBOOK_KEY 指明密钥文件。
error-no_ledger = { $place } 处没有账本。
    .hint = 建立账本：rollbook init。其他位置用 --ledger sqlite:PATH 指明。
error-no_purpose = 读取个人信息须以看得见的文字说明用途。
    .hint = 请用 --purpose TEXT 说明用途。
error-no_vault = { $place } 处没有保密库。
    .hint = 保密库在账本旁边：请将二者放在一起。
error-not_an_export = { $path } 不是本程序认得的事件导出文件。
error-not_a_backup = { $path } 中没有本程序认得的备份。
error-other_file = { $path } 不是当初备份的文件。没有恢复任何内容。
    .hint = 请改用该备份的另一份副本。
error-target_exists = { $path } 处已有内容；已保持原样。
    .hint = 请另指位置。
error-not_a_ledger = { $place } 不是 Rollbook 账本；已保持原样。
    .hint = 请用 --ledger sqlite:PATH 指明账本
error-not_a_vault = { $place } 不是 Rollbook 保密库；已保持原样。
error-nothing_to_go_back_to = 没有可以返回的旧表：{ $name }。
    .hint = 每次重建都会留下旧表；另一版本的旧表由当时的程序返回。
error-not_found = { $what ->
        [branch] 没有支部 { $given }。
        [host] 没有依托单位 { $given }。
        [party] 没有组织 { $given }。
        [dimension] 没有维度 { $given }。
        [measure] 没有度量 { $given }。
        [command] 没有命令 { $given }。
        [ledger] 没有账本 { $given }。
        [membership] 没有会籍 { $given }。
        [policy] 没有规则版本 { $given }。
        [post] 没有职务 { $given }。
        [preset] 没有预设规则 { $given }。
        [projection] 没有投影 { $given }。
        [zone] 没有时区 { $given }。
       *[other] 没有 { $given }（{ $what }）。
    }
error-person_erased = 人员 { $person } 已抹除。
error-person_not_found = 没有此人。
error-many_names = { $place } 另有一个名称（硬链接）；以任一名称都可能有人写入。
    .hint = 请移除另一个名称，或改为复制一份文件。
error-read_only = { $place } 无法写入。
    .hint = 您在那里有写入权限吗？没有改动任何内容。
error-store = { $place } 出了故障。
    .hint = 没有记录任何内容；请稍后重试。
error-unconfirmed = 磁盘没有确认对 { $place } 的写入：正在进行的内容可能丢失。
    .hint = 请重新运行该命令；已记录的会凭幂等键识别出来。
error-unreachable = 无法连接 { $place } 处的数据库，或被其拒绝。
    .hint = 服务器是否在运行？用户、密码和数据库是否正确？没有记录任何内容；请稍后重试。
error-vault_exists = 要建立保密库或其密钥的位置 { $place } 已有文件。
    .hint = 是另一个账本遗留的吗？请将它移走，或另指位置。
error-vault_not_open = 此账本没有保密库。
error-vault_of_another_ledger = { $place } 处的保密库属于另一个账本。
    .hint = 请将账本与它自己的保密库放在一起。
error-wrong_key = 密钥打不开 { $place } 处的保密库。
    .hint = 请用 --key 或 ROLLBOOK_KEY 指明正确的密钥文件。

## 演示

demo-welcome =
    Rollbook 的记录有两只钟：某日的实情，以及谁在何时得知。

    一座虚构的城市，{ $first } 至 { $last }，在 { $file } 中：
    { $events } 个事件，每一个都由普通命令决定。其中没有真实的人。
demo-study = 一、{ $day } 的全市，总数与一份实地调研一致
demo-hosts = 企业
demo-not-public = … 非公有
demo-software = … 软件和电子商务
demo-large = … 50 人及以上
demo-staff = 从业人员
demo-members = 会员
demo-young = … 35 岁以下
demo-branches = 计入覆盖的支部
demo-per-hundred = 每百家企业的支部数
demo-coverage = 二、覆盖得如何？
demo-size = { $size } 人
demo-all = 合计
demo-gaps = 三、哪里没有覆盖？所缺的都列在清单上，并附原因
demo-gap-members = 有会员而无支部
demo-gap-staff = 20 人及以上而无会员
demo-gap-nobody = 无人负责
demo-gap-post = 关键岗位无会员担任
demo-gap-under = 支部人数不足
demo-gap-over = 支部人数过多
demo-gap-joint = 联合支部只剩一家单位
demo-gap-gone = 支部所依托的单位已不存在
demo-gap-placed = 代管中、尚待支部接收的成员
demo-lives = 四、支部存续多久？
demo-lives-text =
    迄今共 { $lives } 个支部和党委；{ $ended } 个已撤销，其中 { $quick } 个不满 90 天，
    { $one_day } 个“早上成立、晚上消失”，例如 { $like }。
    据估计，{ $survival } 存续超过一年。
demo-flows = 五、谁来、谁转、谁走？
demo-quarter = { $year } 年第 { $quarter } 季度
demo-member = 六、一位会员
demo-member-text =
    记录只以随机标识认人；姓名加密存放在旁边的保密库中。
    这位是 { $person }，简写为 { $short }

demo-event = { $day }  { $event }
demo-late = 七、另一只钟
demo-late-text =
    { $day } 冒出一份凭据：有人已于 { $left } 离开 { $branch }。
    那天结束时，这个支部有多少会员？
demo-late-before = { $members }  前一晚所知，截至序号 { $position }：这个答案保持不变
demo-late-now = { $members }  现在所知，截至序号 { $position }
demo-once = 八、合并、拆分、退回、更正
demo-once-text =
    组织调整先拟方案，经第二人批准，再一次执行：要么全部生效，要么全不生效。
    介绍信可能过期，也可能被退回。记错的仍然看得见，更正就在它旁边。
demo-turn-planned = 拟定{ $form }方案
demo-turn-formed = 按方案成立
demo-turn-dissolved = 按方案撤销
demo-turn-issued = 开具介绍信，转往 { $to }
demo-turn-expired = 介绍信过期
demo-turn-reissued = 重新开具
demo-turn-accepted = { $to } 予以接收
demo-turn-returned = 介绍信被退回：{ $reason }
demo-turn-ended = 离开，凭据看错了日期
demo-turn-corrected = 离开，按凭据更正
demo-once-corrected = { $day } 结束时，{ $branch } 有多少会员？
demo-once-before = { $members }  更正前所知，截至序号 { $position }
demo-once-now = { $members }  更正后所知，截至序号 { $position }
demo-next = 到里面看看：
demo-commands =
    export ROLLBOOK_LEDGER={ $file }
    { $program } coverage --as-of 2016-12-31 --by area
    { $program } gaps --kind nobody_responsible
    { $program } timeline --branch { $branch }
    { $program } roster --branch { $branch } --names --purpose 看看
    { $program } timeline --branch { $merged }
    { $program } timeline --branch { $split }
    { $program } timeline --person { $reissued }
    { $program } timeline --person { $returned }
    { $program } diff --known-at { $before } --and { $since } --as-of { $day }
    { $program } verify

search-without-purpose = 只有给出 --purpose 才查找人员。
found-branch = 支部
found-person = 人员
duty-contract = 在 { $host } 已签合同
duty-months = 在 { $host } 工作已久
renamed-person = 保密库中 { $person } 的姓名已更改。
