using System.Text.Json;
using MeliProxy.Sidecar.Commands.Operating.Connections;
using MeliProxy.Sidecar.Commands.Operating.Texts;

namespace MeliProxy.Sidecar.Commands.Operating;

/// <summary>Shows the keys with the most requests on a terminal, every second anew.</summary>
/// <param name="ask">Asks for them.</param>
/// <param name="output">The terminal.</param>
/// <param name="size">Its width and height, which may change.</param>
/// <param name="time">The clock.</param>
internal sealed class TopView(
    Func<CancellationToken, Task<JsonDocument>> ask, TextWriter output, Func<(int Width, int Height)> size, TimeProvider time)
{
    private const string Clear = "\e[2J";
    private const string Home = "\e[H";
    private const string ClearToEndOfLine = "\e[K";
    private const string ClearBelow = "\e[J";

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>Whether standard output is a terminal that knows the commands used here.</summary>
    public static bool CanBeShown => !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");

    /// <summary>Shows them until it is cancelled.</summary>
    /// <exception cref="AdminException">The first question was not answered, or a later one refused.</exception>
    public async Task ShowAsync(CancellationToken cancellationToken)
    {
        TopSample? last = null;
        bool hasBegun = false;
        while (!cancellationToken.IsCancellationRequested)
        {
            string text;
            try
            {
                using JsonDocument answer = await ask(cancellationToken);
                TopSample sample = new(time.GetTimestamp(), answer.RootElement);
                text = TopText.Of(answer.RootElement, last is null ? null : sample.RatesSince(last, time));
                last = sample;
            }
            catch (UnreachableException e) when (hasBegun)
            {
                // A sidecar may come back; rates over the pause would be of no use.
                text = $"{e.Message}\n";
                last = null;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }

            await output.WriteAsync((hasBegun ? "" : Clear) + Home + Fit(text) + ClearBelow);
            await output.FlushAsync(CancellationToken.None);
            hasBegun = true;
            await Task.Delay(Interval, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Cuts off what has no room: a line that wraps, or one too many, would move all the others with every frame.</summary>
    private string Fit(string text)
    {
        (int width, int height) = size();
        return string.Concat(
            text.TrimEnd('\n').Split('\n')
                .Take(Math.Max(height - 1, 1))
                .Select(line => (line.Length <= width ? line : line[..Math.Max(width, 1)]) + ClearToEndOfLine + "\n"));
    }
}
