using System.Text.Json;
using MeliProxy.Sidecar.Commands.Operating;
using MeliProxy.Sidecar.Commands.Operating.Connections;
using Microsoft.Extensions.Time.Testing;

namespace MeliProxy.Sidecar.Tests.Commands.Operating;

public sealed class TopViewTests
{
    private const string First = """
        {"nodes":2,"keys":[{"rule":"per-ip","key":["203.0.113.7","/a b"],"hits":100,"limited":20,"error":3},{"rule":"x","key":["y"],"hits":50,"limited":0,"error":0}]}
        """;

    private const string Second = """
        {"nodes":1,"keys":[{"rule":"per-ip","key":["203.0.113.7","/a b"],"hits":350,"limited":21,"error":3},{"rule":"x","key":["y"],"hits":40,"limited":0,"error":0},
                           {"rule":"new","key":[""],"hits":5,"limited":0,"error":0}]}
        """;

    [Fact]
    public async Task Rates_are_what_came_between_two_answers()
    {
        Clock time = new();
        string[] frames = await ShowAsync(
            time,
            () => JsonDocument.Parse(First),
            () =>
            {
                // The answer took its time, and rates go by when each was there.
                time.Advance(TimeSpan.FromSeconds(1));
                return JsonDocument.Parse(Second);
            });

        Assert.Equal(
            """
            2 sidecars

            RULE    KEY                 HITS  LIMITED  TOO HIGH BY
            per-ip  203.0.113.7 "/a b"   100       20            3
            x       y                     50        0            0

            """,
            frames[0]);
        Assert.Equal(
            """
            1 sidecar

            RULE    KEY                 HITS  LIMITED  HITS/S  LIMITED/S  TOO HIGH BY
            per-ip  203.0.113.7 "/a b"   350       21     125        0.5            3
            x       y                     40        0       -          -            0
            new     ""                     5        0       -          -            0

            """,
            frames[1]);
    }

    [Fact]
    public async Task What_has_no_room_on_the_terminal_is_cut_off()
    {
        string rows = string.Join(',', Enumerable.Range(0, 20).Select(i => $$"""{"rule":"r{{i}}","key":["{{new string('k', 100)}}"],"hits":1}"""));

        string frame = Assert.Single(await ShowAsync(new Clock(), () => JsonDocument.Parse($$"""{"nodes":1,"keys":[{{rows}}]}""")));

        string[] lines = frame.Split('\n');
        Assert.Equal(8, lines.Length);
        Assert.Equal(80, lines.Max(line => line.Length));
        Assert.StartsWith("r3 ", lines[^2], StringComparison.Ordinal);
        Assert.Equal("", lines[^1]);
    }

    [Fact]
    public async Task A_sidecar_that_is_away_for_a_while_does_not_end_the_view()
    {
        string[] frames = await ShowAsync(
            new Clock(),
            () => JsonDocument.Parse(First),
            () => throw new UnreachableException("nobody is there"),
            () => JsonDocument.Parse(Second));

        Assert.Equal("nobody is there\n", frames[1]);
        Assert.DoesNotContain("HITS/S", frames[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task If_nobody_is_there_from_the_start_it_ends() =>
        await Assert.ThrowsAsync<UnreachableException>(() => ShowAsync(new Clock(), () => throw new UnreachableException("nobody is there")));

    /// <summary>Lets the view ask as often as there are answers, a second of the clock apart, and returns what the screen held after each.</summary>
    private static async Task<string[]> ShowAsync(Clock time, params Func<JsonDocument>[] answers)
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        await using StringWriter output = new();
        int asked = 0;
        TopView view = new(
            _ =>
            {
                Func<JsonDocument> answer = answers[asked++];
                if (asked == answers.Length)
                {
                    stop.Cancel();
                }

                return Task.FromResult(answer());
            },
            output,
            () => (80, 8),
            time);
        Task showing = view.ShowAsync(stop.Token);
        for (int second = 1; second < answers.Length; second++)
        {
            await time.Waiting.WaitAsync(TestContext.Current.CancellationToken);
            time.Advance(TimeSpan.FromSeconds(1));
        }

        await showing;
        string screen = output.ToString();
        Assert.StartsWith("\e[2J\e[H", screen, StringComparison.Ordinal);
        return [.. screen.Split("\e[H").Skip(1).Select(frame => frame.Replace("\e[K", "", StringComparison.Ordinal).Replace("\e[J", "", StringComparison.Ordinal))];
    }

    /// <summary>A clock that tells when somebody waits for it.</summary>
    private sealed class Clock : FakeTimeProvider
    {
        public SemaphoreSlim Waiting { get; } = new(0);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            ITimer timer = base.CreateTimer(callback, state, dueTime, period);
            Waiting.Release();
            return timer;
        }
    }
}
