namespace Sluice.Cli.Top;

/// <summary>Looks twice at a server, and prints the difference once.</summary>
internal static class TopOnce
{
    public static async Task<int> RunAsync(TopSource source, TopView view, TimeSpan interval)
    {
        TopSnapshot before = await source.ReadAsync(CancellationToken.None);
        await Task.Delay(interval);
        foreach (string line in view.Format(before, await source.ReadAsync(CancellationToken.None), int.MaxValue, int.MaxValue))
        {
            Console.WriteLine(line);
        }

        return ExitCodes.Success;
    }
}
