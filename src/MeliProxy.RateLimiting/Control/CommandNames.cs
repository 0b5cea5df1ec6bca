namespace MeliProxy.RateLimiting.Control;

/// <summary>The commands about rules.</summary>
internal static class CommandNames
{
    public const string RulesList = "rules.list";
    public const string RulesGet = "rules.get";
    public const string RulesPut = "rules.put";
    public const string RulesDelete = "rules.delete";
    public const string RulesImport = "rules.import";
    public const string RulesMode = "rules.mode";
    public const string RulesRollback = "rules.rollback";
    public const string RulesCancel = "rules.cancel";
    public const string OverridesList = "overrides.list";
    public const string OverridesPut = "overrides.put";
    public const string OverridesDelete = "overrides.delete";
    public const string Audit = "audit";

    public static IReadOnlyList<string> All { get; } =
    [
        RulesList,
        RulesGet,
        RulesPut,
        RulesDelete,
        RulesImport,
        RulesMode,
        RulesRollback,
        RulesCancel,
        OverridesList,
        OverridesPut,
        OverridesDelete,
        Audit,
    ];
}
