namespace Sluice.Tests.Architecture;

/// <summary>Which room of the library names which. <c>docs/architecture.md</c> holds the drawing.</summary>
public sealed class ArrowTests
{
    private static readonly SourceTree s_tree = SourceTree.Load();
    private static readonly Mention[] s_mentions = [.. s_tree.FindMentions()];

    [Test]
    public void The_sources_compile_as_this_test_reads_them() => Assert.That(s_tree.UnresolvedNames, Is.Empty);

    [Test]
    public void Every_folder_is_a_known_room() =>
        Assert.That(s_tree.Files.Select(Rooms.Of).Distinct(), Is.SubsetOf(Rooms.LowestFirst));

    [Test]
    public void No_arrow_between_rooms_runs_uphill()
    {
        IEnumerable<Mention> uphill = s_mentions.Where(mention => Rooms.FloorOf(mention.ToRoom) > Rooms.FloorOf(mention.FromRoom));

        Assert.That(uphill, Is.Empty);
    }

    [Test]
    public void The_engines_are_named_only_by_the_factory_that_picks_one()
    {
        IEnumerable<Mention> outside = s_mentions.Where(mention =>
            (Rooms.IsIn(mention.To, "Engine/Epoll") && !Rooms.IsIn(mention.From, "Engine/Epoll"))
            || (Rooms.IsIn(mention.To, "Engine/Portable") && !Rooms.IsIn(mention.From, "Engine/Portable")));

        Assert.That(outside.Select(mention => mention.From).Distinct(), Is.EquivalentTo(["Engine/EngineFactory.cs"]));
    }

    [Test]
    public void Native_calls_and_their_numbers_stay_inside_the_engine()
    {
        IEnumerable<Mention> outside = s_mentions.Where(mention =>
            mention.FromRoom != "Engine" && Path.GetFileName(mention.To).Split('.')[0] is "Libc" or "LinuxConstants" or "Errno");

        Assert.That(outside, Is.Empty);
    }

    [Test]
    public void The_drawing_in_the_docs_is_the_one_the_sources_make()
    {
        string drawing = MermaidDrawing.Of(s_mentions);
        TestContext.Out.WriteLine(drawing);
        string page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "architecture.md")).ReplaceLineEndings("\n");

        Assert.That(page, Does.Contain("```mermaid\n" + drawing + "```"), "Paste the drawing printed above into docs/architecture.md.");
    }
}
