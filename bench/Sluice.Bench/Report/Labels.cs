namespace Sluice.Bench.Report;

/// <summary>Moves overlapping labels apart.</summary>
internal static class Labels
{
    /// <summary>Returns the positions closest to the ascending <paramref name="wanted"/> ones that are at least <paramref name="distance"/> apart.</summary>
    public static double[] Spread(double[] wanted, double distance, double first, double last)
    {
        // Labels that touch move as a group, centered on the mean of their wanted positions.
        var groups = new List<(double Start, int Count)>();
        for (int i = 0; i < wanted.Length; i++)
        {
            (double Start, int Count) group = (wanted[i], 1);
            while (groups.Count > 0 && groups[^1].Start + (groups[^1].Count * distance) > group.Start)
            {
                (double start, int count) = groups[^1];
                double ownStart = group.Start - (count * distance);
                group = (((start * count) + (ownStart * group.Count)) / (count + group.Count), count + group.Count);
                group.Start = Math.Clamp(group.Start, first, Math.Max(first, last - ((group.Count - 1) * distance)));
                groups.RemoveAt(groups.Count - 1);
            }

            groups.Add(group);
        }

        return [.. groups.SelectMany(group => Enumerable.Range(0, group.Count).Select(i => group.Start + (i * distance)))];
    }
}
