using System.Text.Json;
using MeliProxy.Sidecar.Commands.Operating.Connections;
using MeliProxy.Sidecar.Commands.Operating.Texts;

namespace MeliProxy.Sidecar.Commands.Operating;

/// <summary>Shows the keys with the most requests on a terminal, every second anew.</summary>
/// <param name="ask">Asks for them.</param>
/// <param name="output">The terminal.</param>
/// <param name="time">The clock.</param>
internal sealed class TopView(Func<Task<JsonDocument>> ask, TextWriter output, TimeProvider time)
{
    private const string Clear = "\e[2J";
    private const string Home = "\e[H";
    private const string ClearToEndOfLine = "\e[K";
    private const string ClearBelow = "\e[J";

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

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
                using JsonDocument answer = await ask();
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

            await output.WriteAsync(
                (hasBegun ? "" : Clear) + Home + text.Replace("\n", ClearToEndOfLine + "\n", StringComparison.Ordinal) + ClearBelow);
            await output.FlushAsync(CancellationToken.None);
            hasBegun = true;
            await Task.Delay(Interval, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
