using Sluice;

namespace Chat;

internal sealed record Member(string Name, Connection Connection)
{
    public Room? Room { get; set; }
}
