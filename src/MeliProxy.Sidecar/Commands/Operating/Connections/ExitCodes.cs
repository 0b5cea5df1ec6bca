namespace MeliProxy.Sidecar.Commands.Operating.Connections;

/// <summary>What the commands that ask running sidecars end with, so that scripts need not read their words.</summary>
internal static class ExitCodes
{
    public const int Done = 0;

    /// <summary>The command is wrong or was refused; to repeat it would not help.</summary>
    public const int Refused = 1;

    /// <summary>Nobody could be reached, or nothing can be changed at the moment; later it may go well.</summary>
    public const int Unreachable = 2;

    /// <summary>Somebody else changed something first; to be read again and decided again.</summary>
    public const int Stale = 3;

    /// <summary>For the root command's help.</summary>
    public const string Description =
        "Exit codes of the commands that ask a running sidecar: 0 done; 1 refused or wrong; 2 nobody could be reached, or nothing can be "
        + "changed at the moment; 3 somebody else changed the rules first (stale-revision).";

    /// <summary>The exit code for an error code of an answer.</summary>
    public static int Of(string code) => code switch
    {
        "unavailable" => Unreachable,
        "stale-revision" => Stale,
        _ => Refused,
    };
}
