namespace MeliProxy.Sidecar.Commands.Operating.Connections;

/// <summary>No sidecar answered, so that it is not known either whether the command was carried out.</summary>
internal sealed class UnreachableException(string message, Exception? cause = null) : AdminException(message, cause)
{
    public override int ExitCode => ExitCodes.Unreachable;
}
