using System.Globalization;
using Sluice.Bench.Orleans;

// Orleans on Sluice beside Orleans on its own sockets. Each cluster stands in a process of its own, so that the runtime compiles Orleans for one transport there,
// as it does for a user. Both are up at once, and short phases of load alternate between them. A process keeps the pace that it has begun with, so each round
// starts new ones, and the median of the rounds counts.
// Usage: [rounds] [seconds of a row] [part of a row's name] [contender]
//   contender: auto, epoll or portable; or memory, pipes without sockets: the most that any transport can reach
if (args is [Contender.ServeOption, var served, var address])
{
    await Server.RunAsync(served, address);
    return;
}

int rounds = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 5;
double seconds = args.Length > 1 ? double.Parse(args[1], CultureInfo.InvariantCulture) : 4;
string part = args.Length > 2 ? args[2] : string.Empty;
string name = args.Length > 3 ? args[3] : "auto";

Row[] rows = [.. Row.All.Where(row => row.Name.Contains(part, StringComparison.Ordinal))];
var comparisons = rows.ToDictionary(row => row, _ => new List<Comparison>());
for (int round = 0; round < rounds; round++)
{
    using Contender contender = await Contender.StartAsync(name, "127.77.0.1");
    using Contender own = await Contender.StartAsync(Server.Own, "127.77.0.2");
    foreach (Row row in rows)
    {
        comparisons[row].Add(await Comparison.RunAsync(row, contender, own, seconds));
    }
}

Console.WriteLine($"| row | {name}, calls/s | orleans, calls/s | ratio | of the rounds | {name}, µs of processor a call | orleans | ratio |");
Console.WriteLine("|---|---|---|---|---|---|---|---|");
foreach (Row row in rows)
{
    Console.WriteLine(Comparison.Describe(row.Name, comparisons[row]));
}
