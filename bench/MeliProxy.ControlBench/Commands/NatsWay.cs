using System.Text;
using NATS.Client.Core;

namespace MeliProxy.ControlBench.Commands;

/// <summary>A request over NATS, which any sidecar of the domain may take.</summary>
public sealed class NatsWay(string url, string domain) : ICommandWay, IAsyncDisposable
{
    private readonly NatsConnection _connection = new(new NatsOpts { Url = url, Name = "bench" });

    public string Name => "NATS";

    public async Task PutRuleAsync(string name, string rule)
    {
        NatsMsg<byte[]> reply = await _connection.RequestAsync<byte[], byte[]>($"meliproxy.{domain}.cmd.rules.put", Encoding.UTF8.GetBytes(rule));
        string answer = Encoding.UTF8.GetString(reply.Data ?? []);
        if (!answer.StartsWith("{\"ok\":true", StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"the change was refused: {answer}");
        }
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();
}
