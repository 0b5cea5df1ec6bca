using System.Net.Sockets;
using MeliProxy.Sidecar.Configuration;
using Microsoft.AspNetCore.Connections;

namespace MeliProxy.Sidecar.Hosting;

/// <summary>An address cannot be listened on. The message is one line for people.</summary>
internal sealed class ListenException : Exception
{
    private ListenException(string message, Exception inner)
        : base(message, inner)
    {
    }

    public static async Task ThrowIfCannotListenAsync(string option, IReadOnlyList<ListenAddress> addresses, Func<Task> start)
    {
        try
        {
            await start();
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            string reason = e switch
            {
                { InnerException: AddressInUseException } => "another process listens there already",
                SocketException { SocketErrorCode: SocketError.AccessDenied } => "this user may not; ports below 1024 need a privilege",
                SocketException { SocketErrorCode: SocketError.AddressNotAvailable } => "this machine has no such address",
                _ => e.Message,
            };
            throw new ListenException($"cannot listen on {string.Join(", ", addresses)}: {reason}. Choose another with {option}.", e);
        }
    }
}
