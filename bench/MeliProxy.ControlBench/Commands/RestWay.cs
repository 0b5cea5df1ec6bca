using System.Text;

namespace MeliProxy.ControlBench.Commands;

/// <summary>A request to the admin listeners, to each in turn.</summary>
public sealed class RestWay(IReadOnlyList<Uri> admins) : ICommandWay, IDisposable
{
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false });
    private int _next;

    public string Name => "REST";

    public async Task PutRuleAsync(string name, string rule)
    {
        Uri admin = admins[_next++ % admins.Count];
        using StringContent content = new(rule, Encoding.UTF8, "application/json");
        using HttpResponseMessage answer = await _client.PutAsync(new Uri(admin, $"/api/v1/rules/{name}"), content);
        string body = await answer.Content.ReadAsStringAsync();
        if (!answer.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"the change was refused: {body}");
        }
    }

    public void Dispose() => _client.Dispose();
}
