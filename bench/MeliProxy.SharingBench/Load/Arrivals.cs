namespace MeliProxy.SharingBench.Load;

/// <summary>When requests come, and to which proxy: a Poisson process that is the same in every run.</summary>
/// <param name="Rate">Requests per second in the mean.</param>
/// <param name="Duration">For how long.</param>
/// <param name="HotPart">The part of them that the first proxy gets; the rest, or all if 0, is even.</param>
public sealed record Arrivals(double Rate, TimeSpan Duration, double HotPart = 0)
{
    private const int Seed = 20_25;

    public IEnumerable<(long After, int Node)> For(int nodes)
    {
        Random random = new(Seed);
        double at = 0;
        while (true)
        {
            at += -Math.Log(1 - random.NextDouble()) / Rate;
            if (at >= Duration.TotalSeconds)
            {
                yield break;
            }

            bool isHot = HotPart > 0 && random.NextDouble() < HotPart;
            int node = isHot ? 0 : HotPart > 0 ? random.Next(1, nodes) : random.Next(nodes);
            yield return ((long)(at * Clock.Second), node);
        }
    }
}
