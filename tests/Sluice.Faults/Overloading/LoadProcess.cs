using System.Globalization;

namespace Sluice.Faults.Overloading;

/// <summary>The clients of an overloaded server, in a process of their own. Each line of its standard input asks for a load: which, the rate, and the seconds.</summary>
internal static class LoadProcess
{
    public static async Task RunAsync(SelectorEngine engine, int port)
    {
        await using var selector = new SelectorManager(new SelectorOptions { Engine = engine });
        Console.WriteLine("ready");
        while (await Console.In.ReadLineAsync() is { } line)
        {
            string[] words = line.Split(' ');
            Load load = words[0] == "requests" ? new RequestLoad(selector, port) : new ConnectLoad(selector, port);
            (double rate, long all) = await load.RunAsync(double.Parse(words[1], CultureInfo.InvariantCulture), TimeSpan.FromSeconds(double.Parse(words[2], CultureInfo.InvariantCulture)));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{rate} {all}"));
        }
    }
}
