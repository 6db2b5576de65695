"""What a breakthrough says about itself, in English and Chinese."""

BREAKTHROUGH_TEXTS: dict[str, tuple[str, str]] = {
    "breakthrough_status": (
        "model-based contrasts, not a policy evaluation: what the joint model says of firms that differ in their "
        "levers; nothing here says that a policy would move a lever, or move it so far, or move nothing else",
        "基于模型的对比,并非政策评估:仅为联合模型对杠杆不同的企业所作的推断;并不说明政策能够改变杠杆、"
        "能改变如此幅度或不影响其他因素",
    ),
    "breakthrough_products": (
        "all levers and their products with {treatment} in one equation; products of columns about the firm's mean, "
        "levers ({levers}) about the year's too, and {treatment} with a slope of its own in each year; "
        "beside it product multiplies the columns as they are, no_year leaves these slopes out, plain does both",
        "所有杠杆及其与 {treatment} 的乘积同在一个方程;乘积由去企业均值的变量构成,杠杆({levers})同时去年度均值,"
        "且 {treatment} 的斜率逐年不同;另列 product(变量直接相乘)、no_year(不含逐年斜率)与 plain(两者兼有)",
    ),
    "breakthrough_given": (
        "harm: effect of {treatment} one standard deviation ({deviation}) higher, mean over the sample's years, levers "
        "at p25; standard deviation and percentiles of the model's rows, taken as given",
        "损害:{treatment} 上升一个标准差({deviation})的效应,为样本各年均值,杠杆取 p25;"
        "标准差与分位数取自模型样本,视为给定",
    ),
    "breakthrough_move": ("{lever} moves from p25 to p75: {moves}", "{lever} 由 p25 变动至 p75:{moves}"),
    "breakthrough_lever_still": (
        "no offset of {lever}: p25 and p75 of its columns are the same, so that there is nothing to move",
        "{lever} 无抵消效应:其各列的 p25 与 p75 相同,无从变动",
    ),
    "breakthrough_lever_absorbed": (
        "no offset of {lever}: the treatment times {names} is absorbed by the fixed effects or collinear with the "
        "rest, which then carries it",
        "{lever} 无抵消效应:处理与 {names} 的乘积被固定效应吸收,或与其余变量共线而由其承担",
    ),
    "breakthrough_all_without": (
        "all levers together, and what remains, are without {names}",
        "全部杠杆合计与剩余效应不含 {names}",
    ),
    "breakthrough_share_not_meaningful": (
        "shares are not meaningful: harm cannot be told from zero",
        "抵消占比无意义:损害与零无显著差异",
    ),
    "breakthrough_no_harm": (
        "the rise goes with a higher {outcome}: an offset is then less of it",
        "上升伴随更高的 {outcome}:此时“抵消”意味着其减少",
    ),
    "breakthrough_groups_all": (
        "groups of {column}: one model of {count} rows with coefficients of each group, common controls, effects and "
        "slopes by year; levers move as in the whole sample",
        "按 {column} 分组:同一模型({count} 行),各组系数不同,控制变量、固定效应与逐年斜率相同;杠杆变动幅度取全样本",
    ),
    "breakthrough_groups_own": (
        "groups of {column}: one model of {count} rows with coefficients of each group, common controls, effects and "
        "slopes by year; levers move between the group's own percentiles",
        "按 {column} 分组:同一模型({count} 行),各组系数不同,控制变量、固定效应与逐年斜率相同;杠杆变动幅度取各组分位数",
    ),
    "breakthrough_common_own": (
        "groups of {column}: coefficients of all firms ({count} rows), levers between the group's own percentiles",
        "按 {column} 分组:系数取全部企业({count} 行),杠杆变动幅度取各组分位数",
    ),
    "breakthrough_between": (
        "{names}: constant within firms, so that offsets compare firms with each other",
        "{names}:在企业内不变,其抵消来自企业之间的比较",
    ),
    "breakthrough_seldom": (
        "fewer than {percent} % of the firms ever moved so far: {names}; their offsets draw small changes within firms "
        "out beyond what is seen, and product and plain compare firms with each other",
        "面板内变动曾达此幅度的企业不足 {percent}%:{names};其抵消由企业内的小幅变动外推而得,"
        "product 与 plain 则含企业间比较",
    ),
    "breakthrough_few_clusters": (
        "no errors and intervals for {names}: fewer than {fewest} clusters of this {column}",
        "{names} 无标准误与区间:该 {column} 的聚类不足 {fewest} 个",
    ),
    "breakthrough_absent": (
        "no row with an effect for {column}: {names}",
        "{column} 以下取值无可估计的观测:{names}",
    ),
    "breakthrough_no_groups": ("no contrasts by {column}: {reason}", "无法按 {column} 分组:{reason}"),
}
