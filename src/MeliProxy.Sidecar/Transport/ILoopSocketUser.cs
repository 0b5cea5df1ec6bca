namespace MeliProxy.Sidecar.Transport;

/// <summary>Whom a <see cref="LoopSocket"/> tells what happens on it; on its loop's thread.</summary>
internal interface ILoopSocketUser
{
    /// <summary>What was waited for may be there to be received.</summary>
    void OnReceivable();

    /// <summary>There may be the room to send that was waited for.</summary>
    void OnSendable();

    /// <summary>The other side has closed the connection, or its sending half, while nobody waited to receive.</summary>
    void OnPeerClosed();
}
