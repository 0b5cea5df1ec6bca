using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace MeliProxy.Sidecar.Hosting;

/// <summary>
/// Lets requests be served on the threads that wait for sockets, of which there is one for each processor, instead of handing each step to the
/// thread pool.
/// </summary>
/// <remarks>Nothing on the way of a request may block then: all other connections of that thread would wait too.</remarks>
internal static class InlineScheduling
{
    /// <summary>.NET's sockets read it once, before the first of them is used; there is no other way to say it.</summary>
    private const string Variable = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    /// <summary>Turns it on for the sockets of the process, unless its environment says otherwise. Before the first socket is used.</summary>
    public static void TurnOn()
    {
        if (Environment.GetEnvironmentVariable(Variable) is null)
        {
            Environment.SetEnvironmentVariable(Variable, "1");
        }
    }

    /// <summary>Turns it on for a server's connections.</summary>
    public static void Configure(SocketTransportOptions options)
    {
        options.UnsafePreferInlineScheduling = true;

        // A connection keeps a buffer while it is idle, which costs 4 KB, and saves asking the system twice for each request.
        options.WaitForDataBeforeAllocatingBuffer = false;
    }
}
