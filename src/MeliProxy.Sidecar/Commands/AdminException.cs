namespace MeliProxy.Sidecar.Commands;

/// <summary>A running sidecar could not be asked, for a reason that whoever typed the command can do something about.</summary>
internal sealed class AdminException(string message, Exception? cause = null) : Exception(message, cause);
