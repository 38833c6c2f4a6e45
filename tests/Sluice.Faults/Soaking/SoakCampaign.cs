namespace Sluice.Faults.Soaking;

/// <summary>
/// Keeps a low load on a server of each engine for many minutes, side by side. What the processes hold at the end must be within 5 % of the beginning. Their p99 is
/// printed and not judged: other work on the machine changes it.
/// </summary>
internal sealed class SoakCampaign(Settings settings)
{
    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);

    public async Task<int> RunAsync()
    {
        Console.WriteLine($"{settings.Count} minutes of mixed load, after two minutes of warm-up");
        var soaks = new List<Soak>();
        try
        {
            foreach (SelectorEngine engine in settings.Engines)
            {
                soaks.Add(await Soak.StartAsync(engine));
            }

            for (int minute = -1; minute <= settings.Count; minute++)
            {
                await Task.Delay(s_minute);
                foreach (Soak soak in soaks)
                {
                    await soak.SampleAsync(minute);
                }
            }

            int passed = soaks.Count(soak => soak.Conclude());
            Console.WriteLine($"{passed} passed, {soaks.Count - passed} failed");
            return passed == soaks.Count ? 0 : 1;
        }
        finally
        {
            foreach (Soak soak in soaks)
            {
                await soak.DisposeAsync();
            }
        }
    }
}
