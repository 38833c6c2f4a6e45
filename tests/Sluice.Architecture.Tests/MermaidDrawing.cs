using System.Globalization;
using System.Text;

namespace Sluice.Tests.Architecture;

/// <summary>Draws the arrows between rooms as a Mermaid flow chart.</summary>
internal static class MermaidDrawing
{
    public static string Of(IEnumerable<Mention> mentions)
    {
        ILookup<string, string> arrows = mentions
            .Where(mention => mention.FromRoom != mention.ToRoom)
            .Select(mention => (mention.FromRoom, mention.ToRoom))
            .Distinct()
            .ToLookup(arrow => arrow.FromRoom, arrow => arrow.ToRoom);
        var drawing = new StringBuilder("flowchart TD\n");
        foreach (string room in Rooms.LowestFirst.Reverse())
        {
            // An arrow that a longer way already implies would only hide the shape.
            foreach (string target in arrows[room].Where(target => !IsImplied(arrows, room, target)).OrderByDescending(Rooms.FloorOf))
            {
                drawing.Append(CultureInfo.InvariantCulture, $"    {room} --> {target}\n");
            }
        }

        return drawing.ToString();
    }

    private static bool IsImplied(ILookup<string, string> arrows, string from, string to) =>
        arrows[from].Any(between => between != to && Reaches(arrows, between, to));

    private static bool Reaches(ILookup<string, string> arrows, string from, string to) =>
        arrows[from].Any(next => next == to || (Rooms.FloorOf(next) < Rooms.FloorOf(from) && Reaches(arrows, next, to)));
}
