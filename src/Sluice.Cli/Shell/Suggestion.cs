namespace Sluice.Cli.Shell;

/// <summary>Finds what a misspelled word may have meant.</summary>
internal static class Suggestion
{
    /// <summary>Gets a sentence with the most similar name, after a space; empty if none is similar.</summary>
    public static string For(string word, IEnumerable<string> names)
    {
        (int distance, string? best) = names.Select(name => (Distance(word, name), name)).DefaultIfEmpty().Min();
        return best is not null && word.Length > 2 && distance <= Math.Max(1, word.Length / 3) ? $" Did you mean '{best}'?" : string.Empty;
    }

    /// <summary>Counts the characters to insert, remove, replace or swap with their neighbor (optimal string alignment).</summary>
    internal static int Distance(string a, string b)
    {
        int[,] costs = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
        {
            for (int j = 0; j <= b.Length; j++)
            {
                costs[i, j] = (i, j) switch
                {
                    (0, _) or (_, 0) => i + j,
                    _ => Math.Min(Math.Min(costs[i - 1, j], costs[i, j - 1]) + 1, costs[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)),
                };
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    costs[i, j] = Math.Min(costs[i, j], costs[i - 2, j - 2] + 1);
                }
            }
        }

        return costs[a.Length, b.Length];
    }
}
