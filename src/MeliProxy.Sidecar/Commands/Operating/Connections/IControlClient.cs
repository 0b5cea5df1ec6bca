using System.Text.Json;
using System.Text.Json.Nodes;

namespace MeliProxy.Sidecar.Commands.Operating.Connections;

/// <summary>Asks running sidecars. The commands are the same whichever way they go.</summary>
internal interface IControlClient : IAsyncDisposable
{
    /// <summary>Sends a command and waits for its answer.</summary>
    /// <param name="command">Its name, such as <c>rules.put</c>.</param>
    /// <param name="body">What it takes.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The answer, a JSON object, as it came.</returns>
    /// <exception cref="RefusedException">The command is wrong, or cannot be done.</exception>
    /// <exception cref="UnreachableException">Nobody answered.</exception>
    /// <exception cref="AdminException">The answer is of no use, and why.</exception>
    Task<JsonDocument> AskAsync(string command, JsonObject body, CancellationToken cancellationToken);
}
