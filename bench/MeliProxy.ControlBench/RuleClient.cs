using System.Net;
using MeliProxy.SharingBench.Load;
using MeliProxy.SharingBench.Processes;

namespace MeliProxy.ControlBench;

/// <summary>Makes requests that one rule counts, over one connection.</summary>
public sealed class RuleClient(IPEndPoint proxy, BenchRule rule) : IDisposable
{
    private readonly ClientConnection _connection = new(proxy);
    private readonly byte[] _request = System.Text.Encoding.ASCII.GetBytes($"GET {rule.Path} HTTP/1.1\r\nHost: bench\r\n\r\n");
    private readonly QuotaFields _fields = new(rule.Name);
    private readonly List<double> _times = [];

    public int Requests { get; private set; }

    public int Failed { get; private set; }

    /// <summary>How long each answer took, in ms.</summary>
    public IReadOnlyList<double> Times => _times;

    /// <summary>The limit that the last answer told.</summary>
    public long Limit { get; private set; }

    /// <summary>The permits that were left by the last answer.</summary>
    public long Remaining { get; private set; }

    public async Task AskAsync()
    {
        Requests++;
        long began = Clock.Now;
        if (await _connection.AskAsync(_request, CancellationToken.None) != 200)
        {
            Failed++;
            return;
        }

        _times.Add((Clock.Now - began) / 1e6);
        Limit = _fields.Limit(_connection.Answer);
        Remaining = _fields.Remaining(_connection.Answer);
    }

    public void Dispose() => _connection.Dispose();
}
