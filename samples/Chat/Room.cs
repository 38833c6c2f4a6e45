using Sluice;

namespace Chat;

internal sealed record Room(string Name)
{
    public ConnectionGroup Connections { get; } = new();

    public int Members { get; set; }
}
