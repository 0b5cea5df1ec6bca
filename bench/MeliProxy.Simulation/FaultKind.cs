namespace MeliProxy.Simulation;

public enum FaultKind
{
    /// <summary>The process is gone, and another one starts in its place afterwards.</summary>
    Kill,

    /// <summary>The process stands still, as by SIGSTOP, while its messages wait.</summary>
    Pause,

    /// <summary>Its messages are lost, without its knowing.</summary>
    Isolate,

    /// <summary>It loses its connection, and knows.</summary>
    Disconnect,

    /// <summary>All are disconnected.</summary>
    Outage,
}
