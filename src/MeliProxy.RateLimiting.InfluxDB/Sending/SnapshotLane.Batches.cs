using MeliProxy.RateLimiting.InfluxDB.Points;
using MeliProxy.RateLimiting.InfluxDB.Requests;
using MeliProxy.RateLimiting.Usage;

namespace MeliProxy.RateLimiting.InfluxDB.Sending;

/// <content>How a batch is sent: whole if the server takes it, in halves where it does not.</content>
internal sealed partial class SnapshotLane
{
    /// <summary>How many parts of one batch may be refused before the rest is not looked into: a server may dislike every line.</summary>
    private const int MostRefusals = 32;

    private readonly PointBatch _batch = new();
    private readonly List<UsageSnapshot> _snapshots = [];
    private readonly HashSet<int> _harmed = [];
    private readonly Stack<LineRange> _open = new();
    private long _refusedPoints;

    // Whether the last batch left some for which it had no room.
    private bool _hasMore;

    // Of a snapshot that is larger than a request, what is stored already.
    private long _begun = -1;
    private int _begunLines;

    /// <summary>Points that the server refused.</summary>
    public long RefusedPoints => Interlocked.Read(ref _refusedPoints);

    /// <summary>Sends the oldest snapshots, as many as make up a batch.</summary>
    /// <param name="mostSnapshots">The most of them.</param>
    /// <param name="skipped">How many of the oldest are left out. What comes after such ones stays in the buffer.</param>
    /// <returns>Why the rest has to be tried again; <see langword="null"/> if nothing is left.</returns>
    private async Task<WriteAnswer?> SendAsync(int mostSnapshots, int skipped)
    {
        long first = _buffer.Begin(_snapshots, _points.Count, _options.BatchSize, mostSnapshots, skipped, out _hasMore);
        try
        {
            _batch.Fill(_snapshots, _points);
            _harmed.Clear();
            _harmed.UnionWith(_batch.Unwritable);
            OpenRequests(first == _begun ? _begunLines : 0);
            for (int refusals = 0; _open.TryPop(out LineRange lines);)
            {
                WriteAnswer answer = await _endpoint.WriteAsync(_batch.BytesOf(lines), _givingUp);
                switch (answer.Outcome)
                {
                    case WriteOutcome.Stored:
                        break;
                    case WriteOutcome.PartlyStored:
                        Refuse(lines, answer.RefusedPoints, answer.Reason);
                        break;
                    case WriteOutcome.TooLarge when lines.Count > 1:
                    case WriteOutcome.Refused when lines.Count > 1 && ++refusals < MostRefusals:
                        int middle = lines.Start + (lines.Count / 2);
                        _open.Push(new LineRange(middle, lines.End));
                        _open.Push(new LineRange(lines.Start, middle));
                        continue;
                    case WriteOutcome.TooLarge:
                    case WriteOutcome.Refused:
                        Refuse(lines, lines.Count, answer.Reason);
                        break;
                    default:
                        return answer;
                }

                if (skipped == 0)
                {
                    Complete(first, lines.End);
                }
            }

            if (skipped == 0)
            {
                Complete(first, _batch.Lines);
            }

            return null;
        }
        finally
        {
            _open.Clear();
            _buffer.End();
        }
    }

    /// <summary>Cuts the batch into requests; the first comes to lie on top.</summary>
    private void OpenRequests(int start)
    {
        int requests = (_batch.Lines - start + _options.BatchSize - 1) / _options.BatchSize;
        for (int i = requests - 1; i >= 0; i--)
        {
            int from = start + (i * _options.BatchSize);
            _open.Push(new LineRange(from, Math.Min(from + _options.BatchSize, _batch.Lines)));
        }
    }

    private void Complete(long first, int lines)
    {
        int snapshots = _batch.SnapshotsWithin(lines);
        _buffer.Complete(first + snapshots, _harmed.RemoveWhere(snapshot => snapshot < snapshots));
        _begun = first + snapshots;
        _begunLines = lines - _batch.EndOf(snapshots - 1);
    }

    /// <summary>Counts what is given up. Which snapshots it is of is not said where only a part is refused, so it is taken for the first ones.</summary>
    private void Refuse(LineRange lines, int points, string reason)
    {
        int count = Math.Min(points, lines.Count);
        int last = _batch.SnapshotsWithin(lines.End - 1);
        int harmed = 0;
        for (int snapshot = _batch.SnapshotsWithin(lines.Start); snapshot <= last && harmed < count; snapshot++)
        {
            harmed += _harmed.Add(snapshot) ? 1 : 0;
        }

        Interlocked.Add(ref _refusedPoints, count);
        Health.PointsRefused(count, reason);
    }
}
