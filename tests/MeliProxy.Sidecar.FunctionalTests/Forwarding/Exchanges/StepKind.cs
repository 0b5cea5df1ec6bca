namespace MeliProxy.Sidecar.FunctionalTests.Forwarding.Exchanges;

internal enum StepKind
{
    /// <summary>Sends bytes as they are.</summary>
    Send,

    /// <summary>Waits until the other side has come so far.</summary>
    Await,

    /// <summary>Says that nothing more will be sent (FIN); reading goes on.</summary>
    Close,

    /// <summary>Breaks the connection (RST).</summary>
    Reset,

    /// <summary>Upstream only: reads the request's body, up to a number of bytes in all.</summary>
    ReadBody,

    /// <summary>Upstream only: waits until the proxy ends the connection.</summary>
    AwaitEnd,
}
