using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace MeliProxy.Sidecar.FunctionalTests.Infrastructure;

/// <summary>Keeps what is logged, and lets a test wait for a line.</summary>
public sealed class CollectedLog : ILoggerProvider, ILogger
{
    private readonly Channel<string> _arrivals = Channel.CreateUnbounded<string>();
    private readonly ConcurrentQueue<string> _lines = new();

    public IReadOnlyCollection<string> Lines => _lines;

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        string line = $"{logLevel}: {formatter(state, exception)}";
        _lines.Enqueue(line);
        _arrivals.Writer.TryWrite(line);
    }

    /// <summary>Waits for the next line that holds a text.</summary>
    public async Task<string> WaitForAsync(string text, CancellationToken cancellationToken)
    {
        await foreach (string line in _arrivals.Reader.ReadAllAsync(cancellationToken))
        {
            if (line.Contains(text, StringComparison.Ordinal))
            {
                return line;
            }
        }

        throw new InvalidOperationException("the log has ended");
    }

    public void Dispose() => _arrivals.Writer.TryComplete();
}
