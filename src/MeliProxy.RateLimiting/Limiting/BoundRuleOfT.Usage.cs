using System.Runtime.CompilerServices;
using MeliProxy.RateLimiting.Keys;
using MeliProxy.RateLimiting.Usage;

namespace MeliProxy.RateLimiting.Limiting;

internal sealed partial class BoundRule<TResource>
{
    /// <summary>Counts by its key what became of a resource. Only a key without a counter is computed again, for its text.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="take">The rule's part in the decision.</param>
    /// <param name="sample">What the decision stands for.</param>
    public void Observe(TResource resource, in PendingTake take, in UsageSample sample)
    {
        // What could not be judged has no key, and what shares the room of others has one of its own nevertheless.
        if (Usage is null || take.Limit == FailedLimit)
        {
            return;
        }

        KeyHash key = take.Hash == OverflowKey ? default : take.Hash.With(default);
        if (key == default || !Usage.TryAdd(key, sample, !take.IsWithin, Identity))
        {
            ObserveNew(resource, key, take, sample);
        }
    }

    [SkipLocalsInit]
    private void ObserveNew(TResource resource, KeyHash key, in PendingTake take, in UsageSample sample)
    {
        Unsafe.SkipInit(out KeyCharacters characters);
        PartitionKeyWriter writer = new(characters);
        try
        {
            if (!TryWriteParts(resource, ref writer))
            {
                return;
            }

            // A source that does not say twice the same would give a key the text of another.
            KeyHash written = Hasher.Hash(writer.Written).With(default);
            if (key == default || key == written)
            {
                Usage!.Add(written, writer.Written, sample, !take.IsWithin, Identity);
            }
        }
        catch (Exception)
        {
            // The key's source threw, and did not when the key was computed before, or the rule denies whatever it is; there is nothing to tell.
        }
        finally
        {
            writer.Dispose();
        }
    }
}
