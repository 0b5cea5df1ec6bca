namespace MeliProxy.Sidecar.Commands.Operating.Connections;

/// <summary>A running sidecar could not be asked, for a reason that whoever typed the command can do something about.</summary>
internal class AdminException(string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>What the process ends with.</summary>
    public virtual int ExitCode => ExitCodes.Refused;
}
