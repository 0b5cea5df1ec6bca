namespace MeliProxy.SharingBench.Load;

/// <summary>How much was certainly admitted at a stretch.</summary>
/// <remarks>
/// A decision fell somewhere between the sending of its request and the coming of its answer. It counts for a stretch of time only if both lie
/// in it, since on a busy machine answers come in heaps: counted by when they came, even a perfect limiter would seem to exceed its limit.
/// </remarks>
/// <param name="MaxWindow">The most that was admitted in one second.</param>
/// <param name="Burst">The burst that a bucket of the given rate needs at least to admit as much as was admitted in any stretch.</param>
public sealed record Overshoot(int MaxWindow, double Burst)
{
    public static Overshoot Of(Run run, double rate)
    {
        Sample[] admitted = [.. run.Samples.Where(s => s.IsAdmitted).OrderBy(s => s.Answered)];
        int maxWindow = 0;
        double burst = 0;
        int first = 0;
        foreach (long from in admitted.Select(s => s.Sent).Order())
        {
            while (admitted[first].Answered < from)
            {
                first++;
            }

            int count = 0;
            foreach (Sample sample in admitted.AsSpan(first))
            {
                if (sample.Sent >= from)
                {
                    count++;
                    long length = sample.Answered - from;
                    maxWindow = length <= Clock.Second ? Math.Max(maxWindow, count) : maxWindow;
                    burst = Math.Max(burst, count - (rate * length / Clock.Second));
                }
            }
        }

        return new Overshoot(maxWindow, burst);
    }
}
