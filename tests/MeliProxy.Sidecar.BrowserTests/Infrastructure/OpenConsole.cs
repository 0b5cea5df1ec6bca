using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace MeliProxy.Sidecar.BrowserTests.Infrastructure;

/// <summary>A console page in a browser, with what it has asked for and complained about.</summary>
public sealed class OpenConsole : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly ConcurrentQueue<string> _requests = new();
    private readonly ConcurrentQueue<string> _complaints = new();

    public OpenConsole(IBrowserContext context, IPage page)
    {
        _context = context;
        Page = page;
        page.Request += (_, request) => _requests.Enqueue(request.Url);
        page.PageError += (_, error) => _complaints.Enqueue(error);
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
            {
                _complaints.Enqueue(message.Text);
            }
        };
    }

    public IPage Page { get; }

    /// <summary>The addresses that the page has asked for.</summary>
    public IReadOnlyCollection<string> Requests => _requests;

    /// <summary>Errors and warnings in the browser's console.</summary>
    public IReadOnlyCollection<string> Complaints => _complaints;

    /// <summary>The row of a rule.</summary>
    public ILocator Rule(string name) => Page.GetByRole(AriaRole.Row).Filter(new() { Has = Page.GetByRole(AriaRole.Link, new() { Name = name, Exact = true }) });

    /// <summary>The sheet with one rule.</summary>
    public ILocator Sheet => Page.Locator("#sheet");

    /// <summary>A part of the sheet by its name.</summary>
    public ILocator Part(string name) => Sheet.GetByRole(AriaRole.Region, new() { Name = name, Exact = true });

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();
}
