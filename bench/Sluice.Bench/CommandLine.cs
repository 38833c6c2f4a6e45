using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Sluice.Bench.Contenders;
using Sluice.Bench.Pictures;
using Sluice.Bench.Running;

namespace Sluice.Bench;

/// <summary>The command line: what to compare, and the internal commands for the processes it starts.</summary>
internal static class CommandLine
{
    private const int DefaultRounds = 9;
    private const double DefaultSeconds = 2;
    private const double DefaultWarmUpSeconds = 8;
    private const double LeastNumber = 0.1;

    public static RootCommand Create()
    {
        var names = new Argument<string[]>("names")
        {
            Description = "List scenarios and contenders in any order; leave either kind out to run all of it.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        names.Validators.Add(result =>
        {
            foreach (string unknown in result.Tokens.Select(token => token.Value).Where(name => !IsKnown(name)))
            {
                result.AddError($"There is no scenario or contender '{unknown}'; --list prints all of them.");
            }
        });
        var rounds = new Option<int>("--rounds")
        {
            Description = "How often to measure each contender.",
            HelpName = "N",
            DefaultValueFactory = _ => DefaultRounds,
            CustomParser = result => int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out int count) ? count : 0,
        };
        Option<double> duration = Seconds("--duration", "How long to measure each time.", DefaultSeconds);
        Option<double> warmUp = Seconds("--warm-up", "How long a server runs under load before its first round.", DefaultWarmUpSeconds);
        rounds.Validators.Add(result => Check(result, result.GetValueOrDefault<int>() >= 1, "a number of at least 1"));
        var unpinned = new Option<bool>("--unpinned") { Description = "Do not pin server and load to processors." };
        Option<double> quota = Number("--quota", "Give each server no more processor time than that of N processors, as a container does. Needs root.", "N", usual: null, "a number of processors of at least 0.1");
        var report = new Option<string?>("--report") { Description = "Also write a page with charts.", HelpName = "FILE.html" };
        var list = new Option<bool>("--list") { Description = "Print all scenarios and contenders, and exit." };
        var root = new RootCommand("Compares servers side by side.") { names, rounds, duration, warmUp, unpinned, quota, report, list, Draw(), Serve(), SendDatagrams(), AskForBroadcasts() };
        root.SetAction(result => result.GetValue(list)
            ? List()
            : Comparison.Run(new Settings(
                Named(Scenario.All, scenario => scenario.Name, result.GetValue(names)!),
                Named(Contender.All, contender => contender.Name, result.GetValue(names)!),
                result.GetValue(rounds),
                TimeSpan.FromSeconds(result.GetValue(duration)),
                TimeSpan.FromSeconds(result.GetValue(warmUp)),
                new Pinning(wanted: !result.GetValue(unpinned)),
                new Quota(result.GetResult(quota) is null ? null : result.GetValue(quota)),
                result.GetValue(report))));
        return root;
    }

    private static Command Draw()
    {
        var page = new Argument<string>("page") { Description = "The page with the tables of results: docs/performance.md." };
        var folder = new Argument<string>("folder") { Description = "Where to write the SVG files: docs/images." };
        var draw = new Command("draw", "Draw the pictures of the documents from the tables of results.") { page, folder };
        draw.SetAction(result => PictureFiles.Write(result.GetValue(page)!, result.GetValue(folder)!));
        return draw;
    }

    private static Command Serve()
    {
        var name = new Argument<string>("name");
        var mode = new Argument<ServerMode>("mode");
        var serve = new Command("serve", "Internal: run a contender.") { name, mode };
        serve.Hidden = true;
        serve.SetAction(result => Contender.All.Single(contender => contender.Name == result.GetValue(name)).RunAsync!(
            result.GetValue(mode),
            port =>
            {
                Console.WriteLine(port);
                Console.Out.Flush();
            }));
        return serve;
    }

    private static Command SendDatagrams()
    {
        var name = new Argument<string>("name");
        var port = new Argument<int>("port");
        var seconds = new Argument<double>("seconds");
        var send = new Command("send-datagrams", "Internal: run the load of a datagram scenario.") { name, port, seconds };
        send.Hidden = true;
        send.SetAction(result => Datagrams.DatagramLoad.Run(
            Scenario.All.Single(scenario => scenario.Name == result.GetValue(name)), result.GetValue(port), TimeSpan.FromSeconds(result.GetValue(seconds))));
        return send;
    }

    private static Command AskForBroadcasts()
    {
        var name = new Argument<string>("name");
        var port = new Argument<int>("port");
        var seconds = new Argument<double>("seconds");
        var ask = new Command("ask-for-broadcasts", "Internal: run the load of a broadcast scenario.") { name, port, seconds };
        ask.Hidden = true;
        ask.SetAction((result, _) => Broadcasts.BroadcastLoad.RunAsync(
            Scenario.All.Single(scenario => scenario.Name == result.GetValue(name)), result.GetValue(port), TimeSpan.FromSeconds(result.GetValue(seconds))));
        return ask;
    }

    private static Option<double> Seconds(string name, string description, double usual) =>
        Number(name, description, "SECONDS", usual, "a number of seconds of at least 0.1");

    private static Option<double> Number(string name, string description, string helpName, double? usual, string what)
    {
        var option = new Option<double>(name)
        {
            Description = description,
            HelpName = helpName,
            DefaultValueFactory = usual is { } value ? _ => value : null,
            CustomParser = result =>
                double.TryParse(result.Tokens[0].Value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number) ? number : 0,
        };
        option.Validators.Add(result => Check(result, result.GetValueOrDefault<double>() >= LeastNumber, what));
        return option;
    }

    private static void Check(OptionResult result, bool isRight, string what)
    {
        if (!isRight)
        {
            result.AddError($"{result.Option.Name} must be {what}.");
        }
    }

    private static bool IsKnown(string name) => Scenario.All.Any(scenario => scenario.Name == name) || Contender.All.Any(contender => contender.Name == name);

    private static IReadOnlyList<T> Named<T>(IReadOnlyList<T> all, Func<T, string> nameOf, string[] names)
    {
        T[] named = [.. all.Where(item => names.Contains(nameOf(item)))];
        return named.Length > 0 ? named : all;
    }

    private static int List()
    {
        Console.WriteLine("Scenarios:");
        foreach (Scenario scenario in Scenario.All)
        {
            Console.WriteLine($"  {scenario.Name,-18} {scenario.Title}");
        }

        Console.WriteLine("\nContenders:");
        foreach (Contender contender in Contender.All)
        {
            Console.WriteLine($"  {contender.Name,-18} {contender.Description}");
        }

        return 0;
    }
}
