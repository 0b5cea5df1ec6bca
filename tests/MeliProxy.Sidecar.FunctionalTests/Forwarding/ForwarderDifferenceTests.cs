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

    /// <summary>Seeds in blocks, so that a report names the block; what fails there names its own seed.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(251)]
    [InlineData(501)]
    [InlineData(751)]
    public Task Both_forwarders_do_the_same_with_generated(int firstSeed) =>
        AssertSameAsync(Enumerable.Range(firstSeed, 250).Select(seed => new ExchangeGenerator(seed).Generate()));

    [Fact]
    public async Task A_difference_is_seen_and_said()
    {
        Exchange exchange = Exchange.Of("plain", Texts.Plain, Texts.Answer("200 OK", "body", "X-A: b"));
        Exchange other = Exchange.Of("other", Texts.Get("/other"), Texts.Answer("201 Created", "longer body"));
        ForwarderPair pair = await pairs.GetAsync(exchange.Setting);

        string said = await pair.PlayAsync(exchange, other, Stop);

        foreach (string fact in (string[])["answer 1", "answer 1 body", "answer 1 header x-a", "answer 1 header content-length", "request 1"])
        {
            Assert.Contains($"  {fact}\n", said, StringComparison.Ordinal);
        }
    }

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

            // After what does not end, nobody knows what is still going on.
            if (wrong.Count == Most || found.Contains(nameof(TimeoutException), StringComparison.Ordinal))
            {
                break;
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }
}
