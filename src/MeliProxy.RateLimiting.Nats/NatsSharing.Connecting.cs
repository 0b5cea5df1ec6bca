using Microsoft.Extensions.Logging;
using NATS.Client.Core;

namespace MeliProxy.RateLimiting.Nats;

/// <content>Getting a connection and a bucket, and saying once what stands in the way.</content>
public sealed partial class NatsSharing
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(2);

    private string? _lastProblem;

    private async Task ConnectAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                await _connection.ConnectAsync().AsTask().WaitAsync(_stopping.Token);
                return;
            }
            catch (Exception e) when (!_stopping.IsCancellationRequested)
            {
                Report(e.Message);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            await Task.Delay(BucketRetry, _options.TimeProvider, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Tells what is driven of every change, once the bucket can be used.</summary>
    private async Task FollowConnectionAsync()
    {
        bool wasOpen = false;
        long began = _options.TimeProvider.GetTimestamp();
        while (!_stopping.IsCancellationRequested)
        {
            Task changed = _changed.Task;
            bool isOpen = _connection.ConnectionState == NatsConnectionState.Open;
            TimeSpan wait = TimeSpan.FromSeconds(1);
            if (!isOpen)
            {
                _sharing.SetConnected(false);
                if (wasOpen)
                {
                    LogLost();
                }
                else if (_options.TimeProvider.GetElapsedTime(began) > StartPatience)
                {
                    Report($"no connection to {Servers()}");
                }
            }
            else if (!wasOpen)
            {
                (bool isReady, wait) = await TryOpenBucketAsync();
                isOpen = isReady;
                _sharing.SetConnected(isReady);
            }

            wasOpen = isOpen;
            await Task.WhenAny(changed, Task.Delay(wait, _options.TimeProvider, _stopping.Token));
            Interlocked.Exchange(ref _changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }
    }

    private async Task<(bool IsReady, TimeSpan Wait)> TryOpenBucketAsync()
    {
        try
        {
            string? problem = await _bucket.TryOpenAsync(_stopping.Token);
            if (problem is null)
            {
                _lastProblem = null;
                LogJoined(Servers(), _options.Subjects.Domain);
                return (true, TimeSpan.FromSeconds(1));
            }

            Report(problem);
            return (false, BucketRetryWithoutJetStream);
        }
        catch (Exception e) when (!_stopping.IsCancellationRequested)
        {
            Report($"the bucket {_options.Subjects.Bucket} at {Servers()} cannot be used: {e.Message}");
            return (false, BucketRetry);
        }
        catch (OperationCanceledException)
        {
            return (false, BucketRetry);
        }
    }

    private ValueTask OnChangedAsync(object? sender, NatsEventArgs change)
    {
        Volatile.Read(ref _changed).TrySetResult();
        return ValueTask.CompletedTask;
    }

    /// <summary>Logs what stands in the way, once for as long as it is the same.</summary>
    private void Report(string problem)
    {
        if (Interlocked.Exchange(ref _lastProblem, problem) != problem)
        {
            LogNotSharing(problem);
        }
    }

    /// <summary>The servers without what is before their names, which may be a password.</summary>
    private string Servers() => string.Join(", ", _options.Connection.Url.Split(',', StringSplitOptions.TrimEntries).Select(WithoutUser));

    private static string WithoutUser(string url)
    {
        int at = url.LastIndexOf('@');
        int scheme = url.IndexOf("://", StringComparison.Ordinal);
        return at < 0 ? url : scheme < 0 ? url[(at + 1)..] : url[..(scheme + 3)] + url[(at + 1)..];
    }

    [LoggerMessage(1, LogLevel.Information, "Quotas are shared over {Servers} in the domain {Domain}")]
    private partial void LogJoined(string servers, string domain);

    [LoggerMessage(2, LogLevel.Warning, "The connection to NATS is lost; shared rules follow onPartition until it is back")]
    private partial void LogLost();

    [LoggerMessage(3, LogLevel.Warning, "Quotas are not shared, and shared rules follow onPartition: {Problem}")]
    private partial void LogNotSharing(string problem);

    [LoggerMessage(4, LogLevel.Debug, "An operation on {Key} did not end: {Problem}")]
    private partial void LogOperationFailed(string key, string problem);

    [LoggerMessage(5, LogLevel.Error, "What was due in sharing quotas failed and is tried again")]
    private partial void LogTickFailed(Exception exception);
}
