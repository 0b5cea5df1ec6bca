using MeliProxy.Sidecar.FunctionalTests.Forwarding.Corpus;
using MeliProxy.Sidecar.FunctionalTests.Forwarding.Exchanges;

namespace MeliProxy.Sidecar.FunctionalTests.Forwarding;

/// <summary>
/// Requests that need nothing of YARP go past it. The same exchanges are played with a sidecar that does so and one that does not: the
/// upstream must see the same requests, and the client the same answers.
/// </summary>
public sealed class ForwarderDifferenceTests(ForwarderPairs pairs) : IClassFixture<ForwarderPairs>
{
    public static TheoryData<string> Kinds => [.. HandWritten.KindNames];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Kinds))]
    public Task Both_forwarders_do_the_same_with_hand_written(string kind) => AssertSameAsync(HandWritten.OfKind(kind));

    /// <summary>Plays all exchanges, so that a report shows all that is wrong, up to so much that nobody would read on.</summary>
    private async Task AssertSameAsync(IEnumerable<Exchange> exchanges)
    {
        const int Most = 20;
        List<string> wrong = [];
        foreach (Exchange exchange in exchanges)
        {
            ForwarderPair pair = await pairs.GetAsync(exchange.Setting);
            string found = await pair.PlayAsync(exchange, Stop);
            if (found.Length > 0)
            {
                wrong.Add(found);
            }

            if (wrong.Count == Most)
            {
                break;
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }
}
