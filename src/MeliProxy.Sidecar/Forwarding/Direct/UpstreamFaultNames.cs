using System.Text;

namespace MeliProxy.Sidecar.Forwarding.Direct;

/// <summary>The names of faults in metrics and logs, such as <c>closed_in_body</c>.</summary>
internal static class UpstreamFaultNames
{
    private static readonly string[] Names = [.. Enum.GetNames<UpstreamFault>().Select(ToSnakeCase)];

    public static string Of(UpstreamFault fault) => Names[(int)fault];

    private static string ToSnakeCase(string name)
    {
        StringBuilder snake = new();
        foreach (char c in name)
        {
            _ = char.IsUpper(c) && snake.Length > 0 ? snake.Append('_') : snake;
            snake.Append(char.ToLowerInvariant(c));
        }

        return snake.ToString();
    }
}
