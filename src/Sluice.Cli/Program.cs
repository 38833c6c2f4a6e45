using System.CommandLine;

var root = new RootCommand("Talk to, listen on and measure sockets.");
return await root.Parse(args).InvokeAsync();
