namespace MeliProxy.RateLimiting.Rules;

/// <summary>Finds the name that someone meant.</summary>
internal static class Spelling
{
    private const int LongestName = 64;

    /// <summary>The known name nearest to a wrong one, if it is near: case and separators aside, about every third letter may differ.</summary>
    public static string? Nearest(string name, IEnumerable<string> known)
    {
        if (name.Length > LongestName)
        {
            return null;
        }

        string plain = Plain(name);
        return known
            .Select(k => (Name: k, Distance: Distance(plain, Plain(k))))
            .Where(k => k.Distance <= Math.Max(1, k.Name.Length / 3) && k.Distance < plain.Length)
            .OrderBy(k => k.Distance)
            .FirstOrDefault().Name;
    }

    private static string Plain(string name) => name.Replace("-", "", StringComparison.Ordinal)
        .Replace("_", "", StringComparison.Ordinal)
        .ToUpperInvariant();

    /// <summary>The least number of letters to insert, remove, replace or swap with their neighbour (optimal string alignment).</summary>
    private static int Distance(string a, string b)
    {
        int[,] cost = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
        {
            for (int j = 0; j <= b.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    cost[i, j] = i + j;
                    continue;
                }

                int replaced = cost[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                cost[i, j] = Math.Min(replaced, Math.Min(cost[i - 1, j], cost[i, j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    cost[i, j] = Math.Min(cost[i, j], cost[i - 2, j - 2] + 1);
                }
            }
        }

        return cost[a.Length, b.Length];
    }
}
