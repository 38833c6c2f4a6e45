namespace Sluice.Tests.Architecture;

/// <summary>A place where one file names what another file declares.</summary>
internal sealed record Mention(string From, string To, string Name, int Line)
{
    public string FromRoom => Rooms.Of(From);

    public string ToRoom => Rooms.Of(To);

    public override string ToString() => $"{From}:{Line} names {Name} ({To})";
}
