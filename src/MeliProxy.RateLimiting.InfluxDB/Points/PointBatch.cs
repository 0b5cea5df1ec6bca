using System.Buffers;
using MeliProxy.RateLimiting.InfluxDB.LineProtocol;
using MeliProxy.RateLimiting.Usage;

namespace MeliProxy.RateLimiting.InfluxDB.Points;

/// <summary>Lines of consecutive snapshots, of which parts can be sent. Reused, so that its memory is that of the largest batch.</summary>
internal sealed class PointBatch
{
    private readonly ArrayBufferWriter<byte> _bytes = new();
    private readonly List<int> _lineEnds = [];
    private readonly List<int> _snapshotEnds = [];

    public PointBatch() => Writer = new LineProtocolWriter(_bytes, TimestampPrecision.Milliseconds);

    /// <summary>Writes the points.</summary>
    public LineProtocolWriter Writer { get; }

    /// <summary>How many lines there are.</summary>
    public int Lines => _lineEnds.Count;

    /// <summary>Which of the snapshots, counted from 0, have a point that cannot be written, as its time is none that a server can store.</summary>
    public HashSet<int> Unwritable { get; } = [];

    /// <summary>Makes it hold the points of these snapshots instead of what it held.</summary>
    public void Fill(IEnumerable<UsageSnapshot> snapshots, ISnapshotPoints points)
    {
        _bytes.ResetWrittenCount();
        _lineEnds.Clear();
        _snapshotEnds.Clear();
        Unwritable.Clear();
        foreach (UsageSnapshot snapshot in snapshots)
        {
            points.Write(snapshot, this);
            _snapshotEnds.Add(_lineEnds.Count);
        }
    }

    /// <summary>Ends a point. Line breaks within texts are why ends of lines are kept rather than searched.</summary>
    public void EndPoint(DateTimeOffset time)
    {
        try
        {
            if (Writer.EndPoint(time))
            {
                _lineEnds.Add(_bytes.WrittenCount);
            }
        }
        catch (ArgumentOutOfRangeException)
        {
            // A clock that is centuries off is no reason to stop.
            Unwritable.Add(_snapshotEnds.Count);
        }
    }

    /// <summary>The bytes of some lines.</summary>
    public ReadOnlyMemory<byte> BytesOf(LineRange lines) => lines.Count == 0
        ? default
        : _bytes.WrittenMemory[(lines.Start == 0 ? 0 : _lineEnds[lines.Start - 1]).._lineEnds[lines.End - 1]];

    /// <summary>How many snapshots are whole in the first lines, which is the index of the one that the next line is of.</summary>
    public int SnapshotsWithin(int lines)
    {
        int snapshots = 0;
        while (snapshots < _snapshotEnds.Count && _snapshotEnds[snapshots] <= lines)
        {
            snapshots++;
        }

        return snapshots;
    }

    /// <summary>The line that a snapshot ends before; 0 for the one before the first.</summary>
    public int EndOf(int snapshot) => snapshot < 0 ? 0 : _snapshotEnds[snapshot];
}
