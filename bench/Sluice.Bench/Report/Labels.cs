namespace Sluice.Bench.Report;

/// <summary>Puts labels beside each other that would lie upon each other.</summary>
internal static class Labels
{
    /// <summary>For ascending <paramref name="wanted"/> places those nearest to them that are <paramref name="distance"/> apart.</summary>
    public static double[] Spread(double[] wanted, double distance, double first, double last)
    {
        double[] places = [.. wanted];
        double least = first;
        for (int i = 0; i < places.Length; i++)
        {
            places[i] = Math.Max(places[i], least);
            least = places[i] + distance;
        }

        double most = last;
        for (int i = places.Length - 1; i >= 0; i--)
        {
            places[i] = Math.Min(places[i], most);
            most = places[i] - distance;
        }

        return places;
    }
}
