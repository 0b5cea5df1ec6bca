using System.Net;
using System.Net.Sockets;
using System.Text;
using MeliProxy.Sidecar.FunctionalTests.Forwarding.Exchanges;
using MeliProxy.Sidecar.FunctionalTests.Forwarding.Wire;

namespace MeliProxy.Sidecar.FunctionalTests.Forwarding;

/// <summary>Sends what an exchange says over one connection and reads what comes back.</summary>
internal sealed class ScriptedClient(Exchange exchange, Progress progress, CancellationToken cancellationToken)
{
    private readonly TaskCompletionSource _hasAllAnswers = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What has come, interim answers too; not the answer to the probe.</summary>
    public List<HttpMessage> Answers { get; } = [];

    /// <summary>Whether the connection was good for another request, told by asking one. Unknown if the client has ended it itself.</summary>
    public bool? IsReusable { get; private set; }

    public async Task RunAsync(EndPoint proxy)
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(proxy, cancellationToken);
        Task reading = ReadAsync(new HttpReader(socket));
        if (await TakeStepsAsync(socket))
        {
            await Task.WhenAny(_hasAllAnswers.Task, reading);
            IsReusable = false;
            if (!reading.IsCompleted)
            {
                await SendAsync(socket, Encoding.Latin1.GetBytes($"GET {ScriptedUpstream.Probe} HTTP/1.1\r\nHost: probe\r\n\r\n"));
            }
        }

        await reading;
        progress.End();
    }

    /// <returns>Whether the connection is open in both directions, as far as the client is concerned.</returns>
    private async Task<bool> TakeStepsAsync(Socket socket)
    {
        foreach (Step step in exchange.Client)
        {
            switch (step.Kind)
            {
                case StepKind.Send:
                    await SendAsync(socket, step.Bytes);
                    break;
                case StepKind.Await:
                    await progress.ReachedAsync(step.Milestone, step.Count, cancellationToken);
                    break;
                case StepKind.Close:
                    socket.Shutdown(SocketShutdown.Send);
                    return false;
                case StepKind.Reset:
                    socket.LingerState = new LingerOption(true, 0);
                    socket.Close();
                    return false;
                default:
                    throw new InvalidOperationException($"no step of a client: {step}");
            }
        }

        return true;
    }

    private async Task SendAsync(Socket socket, ReadOnlyMemory<byte> bytes)
    {
        try
        {
            await socket.SendAsync(bytes, cancellationToken);
        }
        catch (SocketException)
        {
            // The proxy has ended the connection, which the reading side will see.
        }
    }

    private async Task ReadAsync(HttpReader reader)
    {
        int finals = 0;
        try
        {
            while (await reader.ReadHeadAsync(cancellationToken) is { } answer)
            {
                answer.FrameAnswer(finals < exchange.Methods.Count ? exchange.Methods[finals] : "GET");
                bool isProbe = answer.Values(ScriptedUpstream.ProbeHeader).Any();
                if (!isProbe)
                {
                    Answers.Add(answer);
                }

                if (answer.HasHead)
                {
                    progress.Advance(Milestone.AnswerHeads);
                    await reader.ReadBodyAsync(
                        answer, long.MaxValue, length => progress.Advance(Milestone.AnswerBody, length), cancellationToken);
                }
                else
                {
                    answer.IsComplete = false;
                }

                if (isProbe)
                {
                    IsReusable = answer.IsComplete;
                    return;
                }

                if (!answer.IsComplete)
                {
                    return;
                }

                if (!answer.IsInterim)
                {
                    progress.Advance(Milestone.Answers);
                    if (++finals == exchange.Methods.Count)
                    {
                        _hasAllAnswers.SetResult();
                    }
                }
            }
        }
        finally
        {
            progress.End();
        }
    }
}
