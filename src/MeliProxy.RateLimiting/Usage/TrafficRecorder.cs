using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace MeliProxy.RateLimiting.Usage;

/// <summary>Records what passes over the routes of a proxy or service. Safe for use by several threads, which never wait for each other.</summary>
/// <remarks>
/// Each thread records in cells of its own, which are added up when somebody asks. They take about 5 KB for each thread, route and class of
/// status that it has seen.
/// </remarks>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "Requests under way may end at any time.")]
public sealed class TrafficRecorder
{
    /// <summary>The most routes that are told apart: 256.</summary>
    public const int MaxRoutes = 256;

    /// <summary>What further routes are told by together: <c>other</c>.</summary>
    public const string OtherRoutes = "other";

    /// <summary>Classes of status, and one for no answer.</summary>
    internal const int Classes = 6;

    private readonly ThreadLocal<TrafficCells> _mine;
    private readonly ConcurrentDictionary<string, RecordedRoute> _routes = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private readonly List<TrafficRows> _all = [];
    private readonly Stack<TrafficRows> _free = [];
    private readonly List<RecordedRoute> _told = [];
    private readonly RecordedRoute _other;

    /// <summary>Creates a recorder that has recorded nothing yet.</summary>
    public TrafficRecorder()
    {
        _mine = new ThreadLocal<TrafficCells>(() => new TrafficCells(this));
        _other = new RecordedRoute(this, OtherRoutes, 0);
        _told.Add(_other);
        _routes[OtherRoutes] = _other;
    }

    /// <summary>Requests that have begun and not ended. Those that begin while they are counted may be in, also if they end at once.</summary>
    public long InFlight
    {
        get
        {
            lock (_lock)
            {
                // Ends first: what ends meanwhile has begun.
                long ended = _all.Sum(rows => rows.Ended);
                return _all.Sum(rows => rows.Begun) - ended;
            }
        }
    }

    /// <summary>A request has begun.</summary>
    public void Begin() => Mine().Begin();

    /// <summary>A request that has begun has ended.</summary>
    public void End() => Mine().End();

    /// <summary>The route of a name.</summary>
    /// <param name="name">The name. Once <see cref="MaxRoutes"/> names are known, new ones have the route <c>other</c>.</param>
    public RecordedRoute Route(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return _routes.TryGetValue(name, out RecordedRoute? route) ? route : Add(name);
    }

    /// <summary>What has passed since the start, by route and class of status; those without a request are left out.</summary>
    public IReadOnlyList<RouteUsage> GetTotals()
    {
        List<RouteUsage> totals = [];
        lock (_lock)
        {
            for (int place = 0; place < _told.Count * Classes; place++)
            {
                if (Sum(place) is { } sum)
                {
                    totals.Add(sum.ToUsage(_told[place / Classes].Name, place % Classes));
                }
            }
        }

        return totals;
    }

    /// <summary>The rows of the calling thread.</summary>
    internal TrafficRows Mine() => _mine.Value!.Rows;

    internal TrafficRows Take()
    {
        lock (_lock)
        {
            if (!_free.TryPop(out TrafficRows? rows))
            {
                rows = new TrafficRows();
                _all.Add(rows);
            }

            return rows;
        }
    }

    internal void GiveBack(TrafficRows rows)
    {
        lock (_lock)
        {
            _free.Push(rows);
        }
    }

    private RecordedRoute Add(string name)
    {
        lock (_lock)
        {
            if (_routes.TryGetValue(name, out RecordedRoute? route) || _told.Count > MaxRoutes)
            {
                return route ?? _other;
            }

            route = new RecordedRoute(this, name, _told.Count);
            _told.Add(route);
            _routes[name] = route;
            return route;
        }
    }

    private TrafficSum? Sum(int place)
    {
        TrafficSum? sum = null;
        foreach (TrafficRows rows in _all)
        {
            if (rows.Find(place) is { } cell)
            {
                cell.AddTo(sum ??= new TrafficSum());
            }
        }

        return sum;
    }
}
