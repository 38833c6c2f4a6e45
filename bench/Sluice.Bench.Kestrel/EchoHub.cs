using Microsoft.AspNetCore.SignalR;

namespace Sluice.Bench.Kestrel;

/// <summary>A SignalR hub that returns what it gets.</summary>
internal sealed class EchoHub : Hub
{
    public string Echo(string text) => text;
}
