// After the resources are there: settings for this machine, the first admin token, the Role in the cluster.
#:property PublishAot=false
#:project steps/Steps.csproj

using Pushcart.Deployment;

return await Hook.RunAsync(Provisioned.RunAsync);
